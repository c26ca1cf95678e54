import Archive
import DurableFiles
import TestSupport
import Webhooks

/// Compressed files in a folder of their own.
struct GzipFixture {
    let directory: TemporaryDirectory
    let folder: Folder

    init() throws {
        directory = try TemporaryDirectory()
        folder = try Folder(directory.path)
    }

    /// Writes a file that holds what an earlier state holds, and lines after that.
    @discardableResult
    func write(
        _ lines: [String], after earlier: GzipFile? = nil, to name: String
    ) throws -> (file: GzipFile, blocks: [GzipBlock]) {
        var appender = try GzipAppender(after: earlier, to: folder.newFile(name), deflater: Deflater())
        for line in lines { try appender.append(Array("\(line)\n".utf8)) }
        let (state, blocks) = try appender.finish()
        return (try open(name, state), blocks)
    }

    func open(_ name: String, _ state: GzipState) throws -> GzipFile {
        GzipFile(path: name, state: state, file: try folder.file(name)!)
    }

    /// A file of these bytes, as a reader that knows but their length has it.
    func open(bytes: [UInt8], as name: String) throws -> GzipFile {
        try directory.write(bytes, to: name)
        let state = GzipState(lines: 0, textBytes: 0, gzipBytes: bytes.count, crc32: 0, hash: ContentHash(of: []))
        return try open(name, state)
    }

    /// What `gzip` makes of a file; nil where it finds fault.
    func gunzip(_ name: String) throws -> String? {
        let result = try run("gzip", ["-dc"], input: directory.read(name))
        return result.status == 0 && result.errors.isEmpty ? result.text : nil
    }
}

extension GzipFile {
    /// Read from its bytes alone, to its end.
    func scan() throws -> (text: [UInt8], blocks: [GzipScanner.Found], state: GzipState) {
        var scanner = try GzipScanner(self)
        var blocks: [GzipScanner.Found] = []
        while let block = try scanner.next() { blocks.append(block) }
        return (blocks.flatMap(\.text), blocks, scanner.state)
    }

    var bytes: [UInt8] {
        get throws {
            var bytes: [UInt8] = []
            try stream { bytes += $0 }
            return bytes
        }
    }
}
