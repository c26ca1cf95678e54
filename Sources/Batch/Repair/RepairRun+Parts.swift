internal import Archive
internal import DurableFiles
internal import Webhooks

/// Files that another file has the hash of. They are whole, or replaced.
extension RepairRun {
    struct Part {
        let path: String
        /// What is wrong with the archive's file, or `nil` if it is intact.
        var cause: String?
        /// An intact file, or `nil` if none was found.
        var file: ReadFile?
        /// Where the intact file is from.
        var from: [String]?
    }

    /// Returns a file as the archive has it, or else as the first copy has it that is intact.
    func part(_ path: String, _ isIntact: (ReadFile) throws -> Bool) throws -> Part {
        var cause = "it is missing"
        do {
            if let own = try archive.root.file(path) {
                if try isIntact(own) { return Part(path: path, cause: nil, file: own, from: nil) }
                cause = "its bytes are not those that were recorded"
            }
        } catch let error as FileError where error.isOfReading {
            cause = "\(error)"
        }
        for copy in copies {
            guard let file = copy.file(path), (try? isIntact(file)) == true else { continue }
            return Part(path: path, cause: cause, file: file, from: [copy.path])
        }
        return Part(path: path, cause: cause, file: nil, from: nil)
    }

    /// Replaces a file that is not intact, and reports it.
    mutating func finish(_ part: Part) throws {
        guard let cause = part.cause else { return }
        if let file = part.file { try replace(part.path, with: file) }
        report(part.path, cause, from: part.from)
    }

    static func bytes(_ file: ReadFile) throws(FileError) -> [UInt8] { try file.read(at: 0, count: file.size) }

    static func hash(of file: ReadFile) throws(FileError) -> ContentHash {
        var hash = RunningHash()
        try file.forEachPiece { hash.add($0) }
        return hash.value
    }
}
