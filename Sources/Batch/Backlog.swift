internal import Archive
internal import DurableFiles
internal import Spool
internal import Webhooks

/// What is in the spool, portion by portion in the order of receipt. Each portion is for one commit.
///
/// Memory holds the entries of one portion. To find the next, `new/` is listed again.
struct Backlog {
    private struct Part {
        let spool: EnvironmentSpool
        /// The latest scan, or `nil` before the first.
        var scan: SpoolScan?
        /// The index in the scan of the first entry that was not decided on.
        var next = 0

        var isListed: Bool { scan.map { next < $0.entries.count } ?? false }
        var isOver: Bool { scan.map { next == $0.entries.count && $0.last == nil } ?? false }
    }

    private var parts: [Part]
    /// The most entries in a portion, over all environments.
    private let limit: Int
    /// The number of entries that were decided on.
    private(set) var decided = 0

    init(_ spool: SpoolFolder, limit: Int) throws {
        parts = try Environment.allCases.sorted().compactMap { try spool.environment($0).map { Part(spool: $0) } }
        self.limit = limit
    }

    /// Whether every entry was decided on.
    var isOver: Bool { parts.allSatisfy(\.isOver) }

    /// The number of entries that are or will be decided on, as far as it is known.
    var total: Int { parts.reduce(decided) { $0 + ($1.scan.map { $0.total } ?? 0) - $1.next } }

    /// Returns the next portion of each environment.
    ///
    /// - Parameters:
    ///   - ends: The time of the last receipt in the portion, by environment; environments without one are left out. If it
    ///     is empty, nothing but the limit ends a portion.
    ///   - listed: Called with the first scan of an environment.
    ///   - unreadable: Called with the cause of each entry that could not be listed.
    mutating func next(
        through ends: [Environment: Timestamp], listed: (EnvironmentSpool, SpoolScan) throws -> Void,
        unreadable: (FileError) -> Void
    ) throws -> [Portion] {
        var room = limit
        var portions: [Portion] = []
        for index in parts.indices {
            let end = ends[parts[index].spool.environment]
            guard room > 0, ends.isEmpty || end != nil else { continue }
            if !parts[index].isListed, !parts[index].isOver { try list(index, room, listed, unreadable) }
            if let end { parts[index].scan?.cut(after: end) }
            let part = parts[index]
            guard let entries = part.scan?.entries[part.next...].prefix(room), !entries.isEmpty else { continue }
            room -= entries.count
            portions.append(Portion(spool: part.spool, entries: entries))
        }
        return portions
    }

    private mutating func list(
        _ index: Int, _ limit: Int, _ listed: (EnvironmentSpool, SpoolScan) throws -> Void,
        _ unreadable: (FileError) -> Void
    ) throws {
        let spool = parts[index].spool
        let (isFirst, last) = (parts[index].scan == nil, parts[index].scan?.last)
        // The memory of the previous entries is free before the next are listed.
        parts[index].scan = nil
        let scan = try spool.scan(after: last, limit: limit)
        (parts[index].scan, parts[index].next) = (scan, 0)
        for error in scan.unreadable { unreadable(error) }
        if isFirst { try listed(spool, scan) }
    }

    /// Records that the entries of a portion were decided on up to an index. Those from there on are in the next portion.
    mutating func decide(_ portion: Portion, upTo index: Int) {
        guard let part = parts.firstIndex(where: { $0.spool.environment == portion.environment }) else { return }
        decided += index - parts[part].next
        parts[part].next = index
    }
}
