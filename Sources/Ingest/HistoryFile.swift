internal import Foundation

/// A file with history, plain or compressed with gzip or zstd, read from its beginning to its end.
final class HistoryFile {
    let path: String
    private let file: FileHandle
    private let decompressor: Process?
    private let errors = Pipe()
    private var program = ""
    /// What was read of a pipe to see its format.
    private var first: Data?

    private static let formats: [(magic: [UInt8], program: String)] = [
        ([0x1F, 0x8B], "gzip"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd"),
    ]

    /// - Parameter path: The path, or `-` for stdin.
    /// - Throws: ``IngestError``, also if stdin or another pipe is compressed: it cannot be rewound.
    init(_ path: String) throws {
        self.path = path
        guard let plain = path == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: path) else {
            throw IngestError.unreadable(path, cause: String(cString: strerror(errno)))
        }
        let start: Data
        do {
            start = try plain.read(upToCount: 4) ?? Data()
        } catch {
            throw IngestError.unreadable(path, cause: error.localizedDescription)
        }
        let format = Self.formats.first { start.starts(with: $0.magic) }
        let isRewound = path != "-" && (try? plain.seek(toOffset: 0)) != nil
        guard let format else {
            (file, decompressor, first) = (plain, nil, isRewound ? nil : start)
            return
        }
        guard isRewound else {
            throw IngestError.unreadable(
                path, cause: "it is a compressed pipe; pipe it through `\(format.program) -dc` first")
        }
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [format.program, "-dc"]
        process.standardInput = plain
        process.standardOutput = output
        process.standardError = errors
        do {
            try process.run()
        } catch {
            throw IngestError.unreadable(
                path, cause: "\(format.program) cannot be started: \(error.localizedDescription)")
        }
        (file, decompressor) = (output.fileHandleForReading, process)
        program = format.program
    }

    static let sidecarSuffix = ".headers.json"

    /// Returns the name of the payload whose headers a sidecar has.
    static func payloadName(ofSidecar name: String) -> String { "\(name.dropLast(sidecarSuffix.count)).json" }

    /// The headers of the file's payload, as a spool has them beside it, or `nil`.
    ///
    /// - Throws: ``ItemFault`` if they cannot be read.
    func sidecar() throws(ItemFault) -> [UInt8]? {
        guard path.hasSuffix(".json") else { return nil }
        let sidecar = String(path.dropLast(5)) + Self.sidecarSuffix
        guard FileManager.default.fileExists(atPath: sidecar) else { return nil }
        guard let bytes = FileManager.default.contents(atPath: sidecar) else {
            throw ItemFault("its headers in \(sidecar) cannot be read")
        }
        return Array(bytes)
    }

    /// The time of the last change of the file, in milliseconds since 1970, or `nil` for stdin.
    private(set) lazy var modified: Int64? = {
        guard path != "-",
            let date = (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
        else { return nil }
        return Int64((date.timeIntervalSince1970 * 1000).rounded(.down))
    }()

    /// Returns the next bytes, or none at the end.
    ///
    /// - Throws: ``IngestError/damaged(_:cause:)`` at the end of a file that cannot be decompressed whole.
    func read() throws -> Data {
        if let start = first {
            first = nil
            if !start.isEmpty { return start }
        }
        let bytes: Data
        do {
            bytes = try file.read(upToCount: 1 << 18) ?? Data()
        } catch {
            throw IngestError.unreadable(path, cause: error.localizedDescription)
        }
        guard bytes.isEmpty, let decompressor else { return bytes }
        decompressor.waitUntilExit()
        switch decompressor.terminationStatus {
        case 0: return bytes
        case 127: throw IngestError.noProgram(program, path: path)
        default:
            let words = String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
            throw IngestError.damaged(
                path, cause: words.split(separator: "\n").first.map(String.init) ?? "no reason given")
        }
    }
}
