package enum ExportError: Error, CustomStringConvertible {
    case nothing(String, late: Int)
    case exists(String)
    case unfinished(String)
    case noFolder(String)
    case noSigners(String)

    package var description: String {
        switch self {
        case .nothing(let what, let late):
            late == 0
                ? "the archive has nothing of \(what); see `daybook list`"
                : "everything of \(what) arrived after its day was sealed; run `daybook sweep` to seal it, then run this again"
        case .exists(let path):
            "\(path) exists and is never overwritten; name another path with -o, or move it away"
        case .unfinished(let path):
            "\(path) exists: another export is writing it, or was killed; in the latter case remove it, then run this again"
        case .noFolder(let path): "the folder \(path) does not exist; create it, then run this again"
        case .noSigners(let path): "the file \(path) does not exist; name one that `ssh-keygen -Y verify -f` accepts"
        }
    }
}
