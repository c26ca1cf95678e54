internal import Archive
internal import DurableFiles

/// A damaged file of the archive, and what it blocks. Everything that does not need this file goes on.
package struct BlockedFile: Encodable, Equatable, Sendable {
    /// The path of the file.
    package let file: String
    /// What is wrong with it, as a clause.
    package let cause: String
    package let remedy: String
    /// The number of deliveries that stay in the spool because they would be appended to the file.
    package var deliveries = 0

    init(
        _ file: String, _ cause: String,
        remedy: String = "run `daybook repair`, with --from and a copy of the archive, then sweep again"
    ) {
        self.file = file
        self.cause = cause
        self.remedy = remedy
    }

    /// Returns the damaged file that an error names, or `nil` if the error is not about a single file.
    init?(_ error: any Error) {
        switch error {
        case ArchiveError.differs(let path, let cause), ArchiveError.unreadable(let path, let cause):
            self.init(path, cause)
        case let error as FileError where error.isOfReading: self.init(error.path, "\(error)")
        default: return nil
        }
    }
}
