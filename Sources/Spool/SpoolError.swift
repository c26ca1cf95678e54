/// A state of the spool that needs an operator.
package enum SpoolError: Error, CustomStringConvertible {
    /// Two folders of an environment are on different filesystems.
    case otherFilesystem(folder: String, new: String)
    /// The file that names the spool's archive cannot be parsed.
    case unreadableMarker(String)
    /// A quarantined delivery cannot be released, since another entry has its name.
    case nameTaken(String)

    package var description: String {
        switch self {
        case .otherFilesystem(let folder, let new):
            "\(folder) is on a different filesystem than \(new), so a rename between them cannot be atomic; "
                + "put both on one filesystem"
        case .nameTaken(let path):
            "\(path) exists, so the delivery cannot be released under that name; sweep first, then release again"
        case .unreadableMarker(let path):
            "\(path) does not name an archive; restore it from a backup, or remove it if this spool was never swept"
        }
    }
}
