/// Why the tables of an archive cannot be written.
package enum TablesError: Error, Equatable, CustomStringConvertible {
    /// Python, or the package that it needs, is missing or of another version.
    case unavailable(python: String, String)
    /// The folder contains something else.
    case foreignFolder(String)
    /// The folder is inside the archive.
    case inArchive(String)
    case otherArchive(String)
    case newerFormat(String)
    case unreadableManifest(String)
    /// Python did not write the file.
    case notWritten(String, String)

    package var description: String {
        switch self {
        case .unavailable(let python, let cause):
            "\(python) cannot write Parquet files: \(cause); install what it needs with `\(PythonProgram.remedy)`, "
                + "and name it with --python venv/bin/python or in DAYBOOK_PYTHON"
        case .foreignFolder(let path):
            "\(path) contains files but no \(TableManifest.fileName); name an empty folder, or one that "
                + "`daybook tables` has made"
        case .inArchive(let path):
            "\(path) is in the archive, which contains only what it can prove; name another folder"
        case .otherArchive(let path): "\(path) has the tables of another archive; name another folder"
        case .newerFormat(let path): "\(path) is of a newer format; use a newer Daybook"
        case .unreadableManifest(let path):
            "\(path) is not the JSON that Daybook writes; remove the folder's files, which are written again from the archive"
        case .notWritten(let path, let cause): "cannot write \(path): \(cause)"
        }
    }
}
