/// The earliest of many entries, as many as a limit allows. It holds a quarter more of them at most.
struct EarliestEntries {
    private let limit: Int
    private var entries: [SpoolEntry] = []
    /// An entry that ``limit`` others precede, or are.
    private var bound: SpoolEntry?

    init(limit: Int) {
        precondition(limit > 0, "a portion of no entries never ends")
        self.limit = limit
    }

    mutating func add(_ entry: SpoolEntry) {
        if let bound, !SpoolEntry.precedes(entry, bound) { return }
        entries.append(entry)
        if entries.count / 5 * 4 > limit { trim() }
    }

    /// Returns the entries in the order of ``SpoolEntry/precedes(_:_:)``.
    mutating func sorted() -> [SpoolEntry] {
        trim()
        return entries
    }

    private mutating func trim() {
        entries.sort(by: SpoolEntry.precedes)
        guard entries.count > limit else { return }
        entries.removeLast(entries.count - limit)
        bound = entries.last
    }
}
