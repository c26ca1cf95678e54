internal import Archive
internal import CZlib
internal import DurableFiles
internal import Webhooks

enum GzipChecks {
    /// What the scanner takes, every reader of gzip takes, and for the same text; each block stands alone; and every
    /// state that the file grew through is a file, too.
    static func file(_ bytes: [UInt8]) throws {
        guard let scan = try? Scan(try open(bytes)) else { return }
        try hold(gunzip(bytes) == scan.text, "zlib reads another text than the scanner")
        try hold(
            scan.state.hash == ContentHash(of: bytes) && scan.state.gzipBytes == bytes.count, "another file's state")
        let lines = scan.text.count { $0 == UInt8(ascii: "\n") }
        try hold(scan.state.lines == lines && scan.state.textBytes == scan.text.count, "another text's state")
        let inflater = Inflater()
        for found in scan.blocks {
            let compressed = Array(bytes[found.offset..<found.offset + found.block.gzipBytes])
            try hold(ContentHash(of: compressed) == found.block.hash, "the hash is not the block's")
            try hold(
                inflater.block(compressed, textBytes: found.text.count) == found.text, "a block does not stand alone")
        }
        for state in scan.states.suffix(2) {
            let earlier = try Scan(try open(bytes, state))
            try hold(earlier.state == state, "an earlier state is not a file")
            try hold(scan.text.starts(with: earlier.text), "an earlier state's text is not the text's beginning")
        }
    }

    /// A file as Daybook writes it is read as it is; changed, it is refused, or holds all the same.
    ///
    /// - Parameter bytes: one that says how many changes there are, the changes (a place in two bytes, and what is
    ///   changed there), and the text; a zero byte ends a block.
    static func mutation(_ bytes: [UInt8]) throws {
        guard let count = bytes.first.map({ Int($0 % 8) }), bytes.count > 3 * count else { return }
        let deflater = Deflater()
        let texts = bytes.dropFirst(3 * count + 1).split(separator: 0).map { Array($0) + [UInt8(ascii: "\n")] }
        let text = Array(texts.joined())
        var file = GzipMember.header + texts.flatMap { deflater.block($0) }
        file += GzipMember.end(crc32: GzipMember.crc32(of: text), textBytes: text.count)
        let scan = try Scan(try open(file))
        try hold(scan.text == text && scan.blocks.map(\.text) == texts, "what was written is read as another")
        for index in 0..<count {
            let change = bytes[(1 + 3 * index)..<(4 + 3 * index)].map { Int($0) }
            let place = (change[0] << 8 | change[1]) % file.count
            file[place] ^= UInt8(change[2])
        }
        try Self.file(file)
    }

    /// A block is inflated to just the length that was asked for, or not at all.
    static func block(_ bytes: [UInt8]) throws {
        guard bytes.count >= 2 else { return }
        let length = Int(bytes[0]) << 8 | Int(bytes[1])
        for wanted in [length, -1, Int.max] {
            guard let text = Inflater().block(Array(bytes.dropFirst(2)), textBytes: wanted) else { continue }
            try hold(text.count == wanted, "\(text.count) bytes, not \(wanted)")
        }
    }

    private struct Scan {
        var text: [UInt8] = []
        var blocks: [GzipScanner.Found] = []
        /// After each block.
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

    /// As zlib itself reads a file, to its end; nil where it finds fault, or something follows.
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
