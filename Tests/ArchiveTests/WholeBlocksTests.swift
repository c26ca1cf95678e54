import Archive
import DurableFiles
import TestSupport
import Testing
import Webhooks

/// What can still be read of a damaged file, and which lines it is.
@Suite struct WholeBlocksTests {
    let directory: TemporaryDirectory
    let archive: ArchiveFolder
    /// After each of three sweeps, by four lines of a block each.
    private let states: [FileChange]
    /// The offsets and lengths of the blocks.
    private let blocks: [GzipScanner.Found]

    private static let path = "environment=production/business=a/day=2026-11-23/events.ndjson.gz"

    /// Lines of which no two fit in one block.
    private static let lines = (0..<12).map { number in
        Array("\(number) \((0..<40_000).map { "\($0 * (number + 7) % 9973) " }.joined().prefix(180_000))\n".utf8)
    }

    init() throws {
        directory = try TemporaryDirectory(inMemory: true)
        archive = try ArchiveFolder.make(directory("archive"), timeZone: nil)
        let (folder, name) = ArchivePath.split(Self.path)
        let parent = try archive.root.makeFolder(folder)
        var states: [FileChange] = []
        var last: GzipState?
        for sweep in 0..<3 {
            var earlier: GzipFile?
            if let last { earlier = try GzipFile(.init(path: Self.path, state: last, sweep: 1), in: archive) }
            var file = try GzipAppender(
                after: earlier, to: parent.newFile("new", replacingLeftover: true), deflater: Deflater())
            for number in 0..<4 { try file.append(Self.lines[4 * sweep + number]) }
            let state = try file.finish().state
            try parent.rename("new", to: parent, as: name)
            states.append(FileChange(path: Self.path, before: last, after: state))
            last = state
        }
        self.states = states
        let whole = try #require(last)
        var scanner = try GzipScanner(GzipFile(.init(path: Self.path, state: whole, sweep: 1), in: archive))
        var blocks: [GzipScanner.Found] = []
        while let found = try scanner.next() { blocks.append(found) }
        self.blocks = blocks
    }

    /// Each line is a block. Blocks before a run of damage are numbered from the beginning of their sweep, and those after
    /// it from its end; what is between two runs of one sweep cannot be numbered.
    @Test(
        arguments: [
            ([], []), ([0], [0]), ([3], [3]), ([5], [5]), ([5, 6], [5, 6]), ([4, 7], [4, 5, 6, 7]),
            ([4, 6], [4, 5, 6]),
            ([1, 9], [1, 9]), ([0, 1, 2, 3], [0, 1, 2, 3]), (Array(0..<12), Array(0..<12)),
        ] as [([Int], [Int])])
    func whatIsLostIsNumbered(_ damaged: [Int], _ lost: [Int]) throws {
        try #require(blocks.count == 12)
        var bytes = try directory.read("archive/\(Self.path)")
        for number in damaged {
            // The first bits of a block make it one that cannot be inflated.
            for place in 0..<40 { bytes[blocks[number].offset + place] = 0xff }
        }
        try directory.write(bytes, to: "archive/\(Self.path)")
        var read: [Int] = []
        let whole = try #require(try WholeBlocks(Self.path, states: states, in: archive))
        let losses = try whole.read { found, line in
            let isTheLine = found.text == Self.lines[line]
            #expect(isTheLine, "line \(line)")
            read.append(line)
        }
        #expect(losses.flatMap { Array($0.lines) } == lost)
        #expect(read == (0..<12).filter { !lost.contains($0) })
    }

    @Test func aCutFileLosesItsEnd() throws {
        var bytes = try directory.read("archive/\(Self.path)")
        bytes.removeLast(bytes.count - blocks[6].offset - 10)
        try directory.write(bytes, to: "archive/\(Self.path)")
        let whole = try #require(try WholeBlocks(Self.path, states: states, in: archive))
        var read: [Int] = []
        let losses = try whole.read { read.append($1) }
        #expect(read == Array(0..<6) && losses.map(\.lines) == [6..<8, 8..<12])
    }
}
