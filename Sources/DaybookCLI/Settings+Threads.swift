internal import Configuring
internal import Parallel

extension Settings {
    /// The number of threads that read and compress: one for each core, unless it is set.
    ///
    /// - Throws: ``Failure`` with exit status 78 if it is not 1 to 256.
    func threads(flag: Int? = nil) throws -> Int {
        guard let threads = try value(.threads, flag: flag) else { return Pipeline.cores }
        guard (1...256).contains(threads) else {
            throw Failure(.configuration, "threads is \(threads), and may be 1 to 256")
        }
        return threads
    }

    /// The threads of a command that has no flag for their number.
    func pipeline() throws -> Pipeline { Pipeline(threads: try threads()) }
}
