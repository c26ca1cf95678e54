internal import Archive
internal import ArchiveIndex
internal import Glibc
internal import Webhooks

/// A search for bytes within the payloads of a business's events, block by block.
struct ValueSearch: Sendable {
    private let scoped: ScopedArchive
    private let needle: [UInt8]
    private var files: ArraySlice<IndexedFile>
    private var open: (file: IndexedFile, bytes: GzipFile, nextLine: Int)?

    /// The number of matches so far.
    private(set) var events = 0
    private(set) var hits = 0
    /// The number of bytes inflated so far.
    private(set) var bytes = 0

    /// The limit at which the search stops, and reports that it did.
    static let hitLimit = 200
    static let byteLimit = 1 << 30
    private static let blocksAStep = 16

    struct Hit: Sendable {
        let file: IndexedFile
        let id: DeliveryID
        let time: Timestamp
        let type: String
        /// The match in the payload, with the text around it.
        let extract: String
    }

    /// - Parameter needle: The bytes to find, not empty.
    init(_ scoped: ScopedArchive, _ place: Route.Place, from: CivilDate?, to: CivilDate?, needle: [UInt8]) throws {
        self.scoped = scoped
        self.needle = needle
        files = try scoped.read { try $0.days(place, from: from, to: to).map(\.file) }[...]
    }

    /// The day that is being read.
    var day: CivilDate? { open?.file.day ?? files.first?.day }

    /// Whether the search stopped before it had read everything.
    var isCut: Bool { hits >= Self.hitLimit || bytes >= Self.byteLimit }

    /// Returns the matches in some further blocks, or `nil` at the end.
    ///
    /// - Throws: ``ArchiveError/differs(_:_:)`` if a block differs from the index.
    mutating func next() throws -> [Hit]? {
        if isCut { return nil }
        if open == nil {
            guard let file = files.popFirst() else { return nil }
            open = (file, try GzipFile(file.reference, in: scoped.archive), 0)
        }
        guard let (file, opened, nextLine) = open else { return nil }
        let blocks = try scoped.read { snapshot in
            try snapshot.file(.archives, of: Route.Place(file), on: file.day).map {
                try snapshot.blocks(of: $0, fromLine: nextLine, limit: Self.blocksAStep)
            } ?? []
        }
        let inflater = Inflater()
        var found: [Hit] = []
        for block in blocks where block.lines.upperBound <= file.state.lines {
            let text = try opened.text(of: block.block, at: block.offset, inflater: inflater)
            bytes += text.count
            events += block.block.lines
            found += hits(in: text, file)
            open?.nextLine = block.lines.upperBound
        }
        hits += found.count
        if open?.nextLine == file.state.lines || blocks.isEmpty { open = nil }
        return found
    }

    private func hits(in text: [UInt8], _ file: IndexedFile) -> [Hit] {
        var found: [Hit] = []
        var start = 0
        while let at = Self.find(needle, in: text[start...]), hits + found.count < Self.hitLimit {
            let first = text[..<at].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            let end = text[at...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
            // The members before the payload are not searched.
            if let event = try? EventLine(text[first..<end]), let place = Self.find(needle, in: event.payload[...]) {
                found.append(
                    Hit(
                        file: file, id: event.id, time: event.time, type: event.type,
                        extract: extract(event.payload, at: place)))
            }
            start = min(end + 1, text.count)
        }
        return found
    }

    private func extract(_ payload: [UInt8], at place: Int) -> String {
        let around = 60
        let from = max(0, place - around)
        let to = min(payload.count, place + needle.count + around)
        // Half a character at either end cannot be decoded.
        let text = String(decoding: payload[from..<to], as: UTF8.self).split(whereSeparator: \.isWhitespace)
            .joined(separator: " ").trimmingPrefix("\u{FFFD}")
        return (from > 0 ? "…" : "") + text + (to < payload.count ? "…" : "")
    }

    /// Finds the needle by its first byte with memchr(3), which for ordinary text is as fast as reading.
    private static func find(_ needle: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
        let offset: Int? = text.withUnsafeBytes { text in
            needle.withUnsafeBytes { needle in
                guard let start = text.baseAddress, let wanted = needle.baseAddress else { return nil }
                let last = text.count - needle.count
                var at = 0
                while at <= last, let hit = memchr(start + at, Int32(needle[0]), last - at + 1) {
                    if memcmp(hit, wanted, needle.count) == 0 { return UnsafeRawPointer(hit) - start }
                    at = UnsafeRawPointer(hit) - start + 1
                }
                return nil
            }
        }
        return offset.map { text.startIndex + $0 }
    }
}
