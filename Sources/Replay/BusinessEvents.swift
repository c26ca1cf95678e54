internal import Archive
internal import ArchiveIndex

/// The events of one business in the order of the archive, read a few at a time.
struct BusinessEvents {
    private let source: ReplaySource
    private var files: ArraySlice<IndexedFile>
    /// The next line of the first file.
    private var line = 0

    /// Few enough that nothing is read long before it is sent.
    private static let lines = 128
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
            let lines = line..<min(line + Self.lines, file.state.lines)
            let (events, end) = try source.events(of: file, lines: lines, bytes: Self.bytes)
            line = end
            if !events.isEmpty { return events }
        }
        return []
    }
}
