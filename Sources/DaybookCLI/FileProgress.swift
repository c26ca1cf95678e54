/// Progress through files whose sizes are known in advance.
final class FileProgress {
    private let progress = ByteProgress()
    private let sizes: [String: Int]
    private let total: Int
    private var done = 0
    private var last = 0

    /// - Parameter sizes: The size of each file in bytes, by path.
    init(_ sizes: [String: Int]) {
        self.sizes = sizes
        total = sizes.values.reduce(0, +)
    }

    /// Reports progress. Call it before each file.
    func callAsFunction(_ verb: String, _ path: String) {
        done += last
        last = sizes[path] ?? 0
        progress(verb, path, done: done, of: total)
    }
}
