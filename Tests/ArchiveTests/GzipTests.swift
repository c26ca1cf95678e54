import Archive
import DurableFiles
import Foundation
import TestSupport
import Testing
import Webhooks

@Suite struct GzipTests {
    let fixture: GzipFixture

    init() throws { fixture = try GzipFixture() }

    private func line(_ count: Int, _ character: Character = "x") -> String {
        String(repeating: character, count: count - 1)
    }

    // MARK: - Blocks

    @Test func aBlockEndsBeforeTheLineThatWouldExceedTheLimit() throws {
        let limit = GzipMember.blockTextLimit
        let lengths = [limit - 10, 10, 1, limit, limit + 1, 5, limit - 5, 3 * limit, 1, 1]
        let (file, blocks) = try fixture.write(lengths.map { line($0) }, to: "a.gz")
        #expect(blocks.map(\.textBytes) == [limit, 1, limit, limit + 1, limit, 3 * limit, 2])
        #expect(blocks.map(\.lines) == [2, 1, 1, 1, 2, 1, 2])
        let scan = try file.scan()
        #expect(scan.blocks.map(\.block) == blocks && scan.state == file.state)
        #expect(try fixture.gunzip("a.gz") == lengths.map { line($0) + "\n" }.joined())
    }

    @Test func equalLinesAreEqualBytesWithoutTimeOrName() throws {
        let lines = (0..<5000).map { #"{"n":\#($0)}"# }
        let (first, _) = try fixture.write(lines, to: "a")
        let (second, _) = try fixture.write(lines, to: "b")
        #expect(first.state == second.state)
        #expect(try fixture.directory.read("a") == fixture.directory.read("b"))
        #expect(try fixture.directory.read("a").prefix(10) == [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])
    }

    @Test func aFileWithoutLinesIsValid() throws {
        let (file, blocks) = try fixture.write([], to: "empty.gz")
        #expect(blocks.isEmpty && file.state.gzipBytes == 20)
        #expect(try fixture.gunzip("empty.gz") == "")
        #expect(try file.scan().state == file.state)
    }

    // MARK: - Growth

    @Test func appendedBlocksEqualBlocksWrittenAlone() throws {
        let (lines, more) = ((0..<3000).map { "first \($0)" }, (0..<20_000).map { "then \($0)" })
        let (earlier, _) = try fixture.write(lines, to: "1.gz")
        let (grown, _) = try fixture.write(more, after: earlier, to: "2.gz")
        let (alone, _) = try fixture.write(more, to: "alone.gz")
        let end = GzipMember.end(crc32: grown.state.crc32, textBytes: grown.state.textBytes)
        #expect(try grown.bytes == earlier.bytes.dropLast(10) + alone.bytes.dropFirst(10).dropLast(10) + end)
        #expect(
            GzipMember.combine(earlier.state.crc32, alone.state.crc32, secondCount: alone.state.textBytes)
                == grown.state.crc32)
    }

    @Test func everyEarlierStateIsAPrefixPlusTenBytes() throws {
        var generator = SeededGenerator()
        var states: [(state: GzipState, bytes: [UInt8], text: String)] = []
        var file: GzipFile?
        var text = ""
        for number in 0..<12 {
            let lines = (0..<Int.random(in: 0...30, using: &generator)).map { _ in
                let count = Int.random(
                    in: 0...(Int.random(in: 0..<8, using: &generator) == 0 ? 400_000 : 200), using: &generator)
                return String(
                    repeating: Character(Unicode.Scalar(UInt8.random(in: 32..<127, using: &generator))), count: count)
            }
            text += lines.map { "\($0)\n" }.joined()
            file = try fixture.write(lines, after: file, to: "\(number)").file
            states.append((file!.state, try fixture.directory.read("\(number)"), text))
        }
        for (number, (state, bytes, text)) in states.enumerated() {
            let earlier = try fixture.open("11", state)
            #expect(try earlier.bytes == bytes, "state \(number)")
            #expect(try earlier.scan().state == state)
            #expect(try earlier.scan().text == Array(text.utf8))
            // In pieces of any size, over the place where the prefix ends.
            let piece = Int.random(in: 1...17, using: &generator)
            let end = state.gzipBytes - 30..<state.gzipBytes + 5
            #expect(
                try stride(from: max(0, end.lowerBound), to: end.upperBound, by: piece).flatMap {
                    try earlier.read(at: $0, count: piece)
                } == bytes.suffix(30))
        }
        #expect(try fixture.gunzip("11") == text)
    }

    @Test func aChangedFileIsNotAppendedTo() throws {
        let (file, _) = try fixture.write(["one"], to: "a")
        var bytes = try fixture.directory.read("a")
        bytes[12] ^= 1
        try fixture.directory.write(bytes, to: "a")
        #expect(throws: ArchiveError.self) { try fixture.write(["two"], after: file, to: "b") }
        #expect(try fixture.folder.names() == ["a"])
    }

    // MARK: - Ordinary tools

    @Test(arguments: [
        ["gzip", "-dc"], ["zcat"],
        [
            "python3", "-c",
            """
            import sys, zlib
            reader = zlib.decompressobj(wbits=31)
            sys.stdout.buffer.write(reader.decompress(sys.stdin.buffer.read()))
            assert reader.eof and not reader.unused_data
            """,
        ],
        ["python3", "-c", "import gzip, sys; sys.stdout.buffer.write(gzip.decompress(sys.stdin.buffer.read()))"],
        [
            "perl", "-e",
            """
            use IO::Uncompress::Gunzip qw(gunzip $GunzipError);
            binmode STDIN; binmode STDOUT; gunzip(\\*STDIN => \\*STDOUT) or die $GunzipError
            """,
        ],
    ])
    func everyReaderReadsAllThatWasAppended(_ command: [String]) throws {
        let all = (0..<30_000).map { #"{"line":\#($0)}"# }
        let (first, _) = try fixture.write(Array(all[..<10]), to: "1.gz")
        let (second, _) = try fixture.write(Array(all[10..<20_000]), after: first, to: "2.gz")
        try fixture.write(Array(all[20_000...]), after: second, to: "3.gz")
        let result = try run(command[0], Array(command.dropFirst()), input: fixture.directory.read("3.gz"))
        #expect(result.status == 0 && result.errors == "")
        #expect(result.output == Array((all.joined(separator: "\n") + "\n").utf8))
    }

    // MARK: - Damage

    /// Two states, three blocks, a little of everything.
    private func small() throws -> GzipFile {
        let (first, _) = try fixture.write([#"{"event":"A","data":{}}"#], to: "1")
        let (second, _) = try fixture.write([#"{"event":"A","data":{}}"#, ""], after: first, to: "2")
        return try fixture.write(["é", "<>"], after: second, to: "3").file
    }

    @Test func noTruncatedFilePasses() throws {
        let bytes = try small().bytes
        for count in 0..<bytes.count {
            let cut = try fixture.open(bytes: Array(bytes[..<count]), as: "cut")
            #expect(throws: ArchiveError.self, "\(count) bytes") { try cut.scan() }
        }
        let script =
            "for n in $(seq 0 $(($(stat -c %s 3) - 1))); do head -c $n 3 | gzip -t 2>/dev/null && echo $n; done"
        #expect(try run("bash", ["-c", script], in: fixture.directory.path).text == "")
    }

    @Test func noChangedBitPasses() throws {
        let file = try small()
        let (bytes, text) = (try file.bytes, try file.scan().text)
        for place in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[place] ^= 1 << bit
                let damaged = try fixture.open(bytes: changed, as: "damaged")
                // A bit that fills a byte up before a flush means nothing to any inflater: only the hash shows it.
                guard let scan = try? damaged.scan() else { continue }
                #expect(scan.text == text && scan.state.hash != file.state.hash, "bit \(bit) of byte \(place)")
            }
        }
    }

    @Test func trailingBytesAreFound() throws {
        let bytes = try small().bytes
        for more in [[0], bytes] as [[UInt8]] {
            let longer = try fixture.open(bytes: bytes + more, as: "longer")
            #expect(throws: ArchiveError.self) { try longer.scan() }
        }
    }

    @Test func otherGzipFilesAreRejected() throws {
        for arguments in [["-c"], ["-c", "-n", "-1"]] {
            let other = try run("gzip", arguments, input: Array("line\n".utf8)).output
            #expect(throws: ArchiveError.self) { try fixture.open(bytes: other, as: "other").scan() }
        }
    }
}
