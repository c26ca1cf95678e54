internal import Configuring

/// Progress through files, measured in bytes.
struct ByteProgress {
    private let progress = Progress()
    private let pace = Pace()

    /// Reports progress. Call it before each file.
    ///
    /// - Parameters:
    ///   - done: The number of bytes read so far.
    ///   - total: The number of bytes in all, or 0 if that is not known.
    func callAsFunction(_ verb: String, _ path: String, done: Int, of total: Int) {
        progress {
            let share = total > 0 ? "\(done * 100 / total) %" : ""
            return "\(verb) \(share)\(pace.words(done, of: total, Display.size)): \(path)"
        }
    }
}
