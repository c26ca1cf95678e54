/// Progress through files whose total size is known in advance.
final class FileProgress {
    private let progress = ByteProgress()
    private let total: Int
    private var done = 0

    /// - Parameter total: The size of all files in bytes, or 0 if it is not known.
    init(of total: Int) { self.total = total }

    /// Reports progress. Call it with each file and its size in bytes.
    func callAsFunction(_ verb: String, _ path: String, _ bytes: Int) {
        progress(verb, path, done: done, of: total)
        done += bytes
    }
}
