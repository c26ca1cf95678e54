internal import Archive
internal import CZlib
internal import DurableFiles
internal import Webhooks

enum GzipChecks {
    /// A file that the scanner accepts has the same text for every reader of gzip. Each of its blocks can be inflated
    /// alone, and each of its earlier states is a file as well.
    static func file(_ bytes: [UInt8]) throws {
        guard let scan = try? Scan(try open(bytes)) else { return }
        try require(gunzip(bytes) == scan.text, "zlib and the scanner read different texts")
        try require(
            scan.state.hash == ContentHash(of: bytes) && scan.state.gzipBytes == bytes.count,
            "the state does not match the file")
        let lines = scan.text.count { $0 == UInt8(ascii: "\n") }
        try require(
            scan.state.lines == lines && scan.state.textBytes == scan.text.count, "the state does not match the text")
        let inflater = Inflater()
        for found in scan.blocks {
            let compressed = Array(bytes[found.offset..<found.offset + found.block.gzipBytes])
            try require(ContentHash(of: compressed) == found.block.hash, "the hash does not match the block")
            try require(
                inflater.block(compressed, textBytes: found.text.count) == found.text,
                "a block cannot be inflated alone")
        }
        for state in scan.states.suffix(2) {
            let earlier = try Scan(try open(bytes, state))
            try require(earlier.state == state, "an earlier state is not a valid file")
            try require(
                scan.text.starts(with: earlier.text), "the text of an earlier state is not the beginning of the text")
        }
    }

    /// A file that Daybook writes is read back unchanged. After changes, it is rejected or passes the same checks.
    ///
    /// - Parameter bytes: The number of changes in one byte, the changes (an offset in two bytes, and the bits to flip),
    ///   and the text. A zero byte in it ends a block.
    static func mutation(_ bytes: [UInt8]) throws {
        guard let count = bytes.first.map({ Int($0 % 8) }), bytes.count > 3 * count else { return }
        let deflater = Deflater()
        let texts = bytes.dropFirst(3 * count + 1).split(separator: 0).map { Array($0) + [UInt8(ascii: "\n")] }
        let text = Array(texts.joined())
        var file = GzipMember.header + texts.flatMap { deflater.block($0) }
        file += GzipMember.end(crc32: GzipMember.crc32(of: text), textBytes: text.count)
        let scan = try Scan(try open(file))
        try require(
            scan.text == text && scan.blocks.map(\.text) == texts,
            "the text that was written is not the text that is read")
        for index in 0..<count {
            let change = bytes[(1 + 3 * index)..<(4 + 3 * index)].map { Int($0) }
            let offset = (change[0] << 8 | change[1]) % file.count
            file[offset] ^= UInt8(change[2])
        }
        try Self.file(file)
    }

    /// A block is inflated to exactly the requested length, or not at all.
    static func block(_ bytes: [UInt8]) throws {
        guard bytes.count >= 2 else { return }
        let length = Int(bytes[0]) << 8 | Int(bytes[1])
        for wanted in [length, -1, Int.max] {
            guard let text = Inflater().block(Array(bytes.dropFirst(2)), textBytes: wanted) else { continue }
            try require(text.count == wanted, "\(text.count) bytes, not \(wanted)")
        }
    }

    private struct Scan {
        var text: [UInt8] = []
        var blocks: [GzipScanner.Found] = []
        /// The state after each block.
        var states: [GzipState] = []
        var state: GzipState

        init(_ file: GzipFile) throws {
            var scanner = try GzipScanner(file)
            while let found = try scanner.next() {
                text += found.text
                blocks.append(found)
                states.append(scanner.earlierState)
            }
            state = scanner.state
        }
    }

    private static func open(_ bytes: [UInt8], _ state: GzipState? = nil) throws -> GzipFile {
        let whole = GzipState(lines: 0, textBytes: 0, gzipBytes: bytes.count, crc32: 0, hash: ContentHash(of: bytes))
        return GzipFile(path: "fuzzed", state: state ?? whole, file: try scratchFile(bytes))
    }

    /// Inflates a file with zlib alone. Returns `nil` if zlib reports an error, or if bytes follow the end.
    private static func gunzip(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        guard inflateInit2_(&stream, 31, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        return bytes.withUnsafeBufferPointer { input in
            stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            stream.avail_in = uInt(input.count)
            while true {
                let (status, count) = piece.withUnsafeMutableBufferPointer { output in
                    stream.next_out = output.baseAddress
                    stream.avail_out = uInt(output.count)
                    return (inflate(&stream, Z_NO_FLUSH), output.count - Int(stream.avail_out))
                }
                text += piece[..<count]
                if status == Z_STREAM_END { return stream.avail_in == 0 ? text : nil }
                guard status == Z_OK else { return nil }
            }
        }
    }
}
