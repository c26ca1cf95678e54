internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Webhooks

/// The payload files of a bag, in the order in which they are written: day by day, then the seals, then the bag's own.
///
/// Only the files of one day are in memory.
struct ExportItems: Sendable {
    private let archive: ArchiveFolder
    private let business: Business?
    private var days: ArraySlice<ExportContents.Day>
    private var waiting: ArraySlice<ExportItem> = []
    private var last: ArraySlice<ExportItem>
    /// The leaves that were passed on. A leaf that did not change is listed by every seal of its day.
    private var leaves: Set<String> = []

    /// - Parameter own: The bag's own files.
    init(_ contents: ExportContents, own: [ExportItem], in archive: ArchiveFolder) {
        self.archive = archive
        business = contents.business
        days = contents.days[...]
        last = (contents.copies.map { ExportItem(path: $0.path, source: .copy($0.hash)) } + own)[...]
    }

    /// Returns the next file, or `nil` after the last.
    mutating func next() throws -> ExportItem? {
        if waiting.isEmpty { waiting = try nextBatch()?[...] ?? [] }
        return waiting.popFirst()
    }

    /// Returns the files of the next day, or the last files, or `nil` after these.
    mutating func nextBatch() throws -> [ExportItem]? {
        while let day = days.popFirst() {
            let items = try items(of: day)
            if !items.isEmpty { return items }
        }
        defer { last = [] }
        return last.isEmpty ? nil : Array(last)
    }

    private mutating func items(of day: ExportContents.Day) throws -> [ExportItem] {
        guard !day.seals.isEmpty else {
            return day.files.map { ExportItem(path: $0.path, source: .file($0)) }
        }
        var items: [ExportItem] = []
        leaves.removeAll(keepingCapacity: true)
        let folder = ArchivePath.environment(day.environment)
        for entry in day.seals {
            let isNewest = entry.number == day.seal?.number
            let seal = try archive.seal(day.environment, entry.path)
            guard seal.hash == entry.hash else {
                throw ArchiveError.differs(archive.root.path(of: "\(folder)/\(entry.path)"), "it changed")
            }
            try archive.forEachLeaf(of: seal, business) { leaf in
                if leaves.insert(leaf.path).inserted {
                    items.append(ExportItem(path: "\(folder)/\(leaf.path)", source: .bytes(leaf.bytes)))
                }
                guard isNewest, day.prunedBy == nil else { return }
                for file in [leaf.statement.archive, leaf.statement.ledger].compactMap({ $0 }) {
                    items.append(ExportItem(path: "\(folder)/\(file.path)", source: .sealed(file)))
                }
            }
        }
        return items
    }
}

extension ArchiveFolder {
    /// Calls `body` with the leaves of a seal: all of them, or a business's own if it has one.
    func forEachLeaf(of seal: Seal, _ business: Business?, _ body: (Leaf) throws -> Void) throws {
        if let business {
            if let leaf = try leaf(of: business, in: seal) { try body(leaf) }
            return
        }
        var reader = try LeafReader(seal, in: self)
        while let (_, leaf) = try reader.next() { try body(leaf) }
    }
}
