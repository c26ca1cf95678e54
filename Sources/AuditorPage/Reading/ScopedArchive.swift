internal import AccessLog
internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Webhooks

/// An archive as one auditor may see it. Every page and every download reads through it.
///
/// What is out of scope is looked up under a name that nothing can have. So the look-up takes as long as for
/// something that does not exist, and the result is the same.
struct ScopedArchive: Sendable {
    let archive: ArchiveFolder
    let scope: Scope

    /// Reads one snapshot of the index.
    ///
    /// The index is opened for each snapshot, so that an index that was removed and rebuilt is seen.
    func read<Result>(_ body: (ScopedSnapshot) throws -> Result) throws -> Result {
        try IndexDatabase.open(forReadingIn: archive).read { try body(ScopedSnapshot(self, $0)) }
    }
}
