import Archive
import DurableFiles
import TestSupport
import Testing
import Webhooks

/// A sweep's record: written when everything is staged, and read as a stream.
@Suite struct RecordTests {
    let directory: TemporaryDirectory
    let archive: ArchiveFolder

    init() throws {
        directory = try TemporaryDirectory()
        archive = try ArchiveFolder.make(directory("archive"), timeZone: nil)
    }

    private func change(_ number: Int) -> FileChange {
        let state = GzipState(
            lines: number + 1, textBytes: 400 + number, gzipBytes: 300 + number, crc32: 1, hash: ContentHash(of: [7]))
        // Sorted as text: 100000, 100001, …
        return FileChange(path: "environment=production/business=b\(100_000 + number)", before: nil, after: state)
    }

    private func record(_ files: [FileChange]) -> SweepRecord {
        var day = SweepRecord.DayCounts(environment: .production, day: "2026-11-24")
        day.counts.received = 2
        return SweepRecord(
            sweep: 1, kind: .sweep, started: "2026-11-25T02:00:00.000Z", days: [day], files: files)
    }

    private func read(_ reader: RecordReader?) throws -> [FileChange] {
        var reader = try #require(reader)
        var changes: [FileChange] = []
        while let change = try reader.next() { changes.append(change) }
        return changes
    }

    @Test(arguments: [0, 1, 5000]) func aRecordIsReadAsItWasWritten(_ count: Int) throws {
        let files = (0..<count).map(change)
        _ = try archive.makeStaging(1)
        #expect(try archive.stagedRecord(1) == nil)
        try archive.stage(record(files), files)
        #expect(try archive.stagedRecord(1)?.record == record(files))
        #expect(try read(archive.stagedRecord(1)) == files)
        #expect(try archive.record(1) == nil && archive.anyRecord(1)?.record == record(files))
        let text = try run("zcat", [directory("archive/_sweeps/1/record")]).lines
        #expect(text.count == count + 1 && text[0].contains(#""files":\#(count)"#))
    }

    @Test func aLineIsAsSpecified() throws {
        #expect(
            String(decoding: change(2).bytes, as: UTF8.self) == """
                {"path":"environment=production/business=b100002","lines_before":0,"lines":3,"text_before":0,"text":402,\
                "gzip_before":0,"gzip":302,"sha256":"\(ContentHash(of: [7]))"}

                """)
        #expect(try FileChange(change(2).bytes.dropLast()) == change(2))
        for line in [
            "{}", #"{"path":"a"}"#, String(decoding: change(2).bytes.dropLast(2), as: UTF8.self),
            String(decoding: change(2).bytes.dropLast(), as: UTF8.self).replacing("\"gzip\":302", with: "\"gzip\":-1"),
        ] {
            #expect(throws: LineFault.self, "\(line)") { try FileChange(Array(line.utf8)) }
        }
    }

    /// A sweep only makes files longer, an erasure keeps the number of lines, and a pruning removes files.
    @Test(arguments: [SweepRecord.Kind.sweep, .release, .discard, .erase, .repair, .prune, .hold])
    func aChangeIsOneThatItsRecordCanHaveMade(_ kind: SweepRecord.Kind) throws {
        let (small, large) = (
            FileChange.Lengths(lines: 2, text: 20, gzip: 40), FileChange.Lengths(lines: 3, text: 30, gzip: 50)
        )
        let same = FileChange.Lengths(lines: 3, text: 9, gzip: 30)
        let (hash, other) = (ContentHash(of: [1]), ContentHash(of: [2]))
        let changes: [(change: FileChange, kinds: [SweepRecord.Kind])] = [
            (FileChange(path: "a", before: small, after: large, hash: hash), [.sweep, .release, .discard, .hold]),
            (FileChange(path: "a", before: large, after: small, hash: hash), []),
            (FileChange(path: "a", before: large, after: same, hash: hash), []),
            (FileChange(path: "a", before: large, after: same, hash: hash, hashBefore: other), [.erase, .repair]),
            (FileChange(path: "a", before: large, after: .init(nil), hash: hash, hashBefore: other), [.prune]),
            (FileChange(path: "a", before: large, after: small, hash: hash, hashBefore: other), []),
        ]
        for (number, it) in changes.enumerated() {
            let record = SweepRecord(sweep: 1, kind: kind, started: "", days: [], files: [it.change])
            _ = try archive.makeStaging(1)
            try archive.stage(record, [it.change])
            func readAll() throws -> [FileChange] { try read(archive.stagedRecord(1)) }
            if it.kinds.contains(kind) {
                #expect(try readAll() == [it.change], "\(number)")
            } else {
                #expect(throws: ArchiveError.self, "\(number)") { try readAll() }
            }
        }
    }

    /// The first line counts the files, and they are sorted: a line that is missing, doubled, or swapped is found.
    @Test func aRecordThatDoesNotMatchItsFirstLineIsFound() throws {
        let files = (0..<9).map(change)
        var doubled = files
        doubled[8] = files[7]
        var swapped = files
        swapped.swapAt(0, 1)
        var other = files
        other[8] = change(20)
        let cases: [(listed: [FileChange], written: [FileChange])] = [
            (files, Array(files.dropLast())), (files, Array(files.dropFirst())), (Array(files.dropLast()), files),
            (files, doubled), (files, swapped), (files, other),
        ]
        for (listed, written) in cases {
            _ = try archive.makeStaging(1)
            try archive.stage(record(listed), written)
            #expect(throws: ArchiveError.self) { try read(archive.stagedRecord(1)) }
        }
    }
}
