/// Why the batch refused or stopped.
package enum BatchError: Error, CustomStringConvertible {
    /// There is no spool at this path.
    case noSpool(String)
    /// The spool is bound to another archive: it has been swept into that one before.
    case otherArchive(spool: String, bound: String, archive: String)
    /// The bytes of the entry at this path changed while the sweep was running.
    case changed(String)
    /// The delivery cannot be released or discarded, since the quarantine does not hold it.
    case notHeld(id: String, state: String)
    /// The folder is not a copy of the archive.
    case notACopy(String, String)
    /// There is no event of this id that could be erased.
    case notErasable(String, cause: String)
    /// There is nothing to erase or to prune.
    case nothing(String)
    /// There is no such hold, or it was released before.
    case noHold(Int, cause: String)
    /// A hold, or another rule, forbids it.
    case refused(String)

    package var description: String {
        switch self {
        case .noSpool(let path):
            "\(path) is not a spool; name the spool folder with --spool, or start daybook-receiver to create it"
        case .otherArchive(let spool, let bound, let archive):
            "\(spool) belongs to the archive \(bound), but \(archive) is a different one; "
                + "name the right folder with --archive"
        case .changed(let path):
            "\(path) changed during the sweep; put files into new/ only by renaming them, then sweep again"
        case .notACopy(let path, let cause):
            "\(path) is not a copy of this archive: \(cause); name the folder of a copy, or of an unpacked evidence bundle"
        case .notErasable(let id, let cause): "\(id) cannot be erased: \(cause)"
        case .nothing(let sentence): sentence
        case .noHold(let number, let cause):
            "there is no hold \(number) to release: \(cause); list the holds with `daybook hold list --all`"
        case .refused(let sentence): sentence
        case .notHeld(let id, let state):
            "\(id) is not in quarantine: \(state); list the quarantine with `daybook quarantine list`"
        }
    }
}
