package import DurableFiles

package enum AuditorsError: Error, CustomStringConvertible {
    case nameTaken(String)
    case unknown(String)
    /// The folder of the access log cannot be made.
    case noFolder(FileError)

    package var description: String {
        switch self {
        case .nameTaken(let name):
            "an auditor \(name) has access already; run `daybook auditors revoke` first, or choose another name"
        case .unknown(let name): "there is no auditor \(name) to revoke; see `daybook auditors list`"
        case .noFolder(let error): "\(error); for a copy of an archive, name another folder with --access"
        }
    }
}
