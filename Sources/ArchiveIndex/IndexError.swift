package enum IndexError: Error, CustomStringConvertible {
    case missing(String)
    case corrupt(String, String)
    case inaccessible(String, String)
    /// The filesystem was too full for a write to the index.
    case full(String)
    case newerSchema(String)
    /// A file that was named to keep an index in contains something else.
    case notAnIndex(String)

    package var description: String {
        switch self {
        case .missing(let path): "\(path) is missing; run `daybook reindex`, which rebuilds it from the archive"
        case .corrupt(let path, let cause):
            "\(path) is damaged (\(cause)); run `daybook reindex`, which rebuilds it from the archive"
        case .inaccessible(let path, let cause):
            "\(path) cannot be used: \(cause); check its permissions and free space, then run this again"
        case .full(let path): "\(path) cannot grow: its filesystem is full; free space there, then run this again"
        case .notAnIndex(let path): "\(path) exists, and is not a sound index; remove it, or name another file"
        case .newerSchema(let path):
            "\(path) was created by a newer Daybook; use that one, or run `daybook reindex` to rebuild it for this one"
        }
    }
}
