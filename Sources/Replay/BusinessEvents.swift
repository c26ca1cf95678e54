internal import Archive
internal import ArchiveIndex

/// The events of one business in the order of the archive, read a few at a time.
struct BusinessEvents {
    private let source: ReplaySource
    private var files: ArraySlice<IndexedFile>
    /// The next line of the first file.
    private var line = 0

    /// Few enough that nothing is read long before it is sent.
    private static let mostLines = 128
    /// The size of the text that is read at a time, about, in bytes.
    private static let bytes = 4 << 20

    init(_ files: [IndexedFile], of source: ReplaySource) {
        self.source = source
        self.files = files[...]
    }

    /// Returns the next events, or none after the last.
    mutating func next() throws -> [EventLine] {
        while let file = files.first {
            if line >= file.state.lines {
                files.removeFirst()
                line = 0
                continue
            }
            let average = file.state.textBytes / max(1, file.state.lines)
            let count = max(1, min(Self.mostLines, Self.bytes / max(1, average)))
            let lines = line..<min(line + count, file.state.lines)
            line = lines.upperBound
            let events = try source.events(of: file, lines: lines)
            if !events.isEmpty { return events }
        }
        return []
    }
}
