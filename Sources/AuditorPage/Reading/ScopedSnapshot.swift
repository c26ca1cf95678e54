internal import AccessLog
internal import Archive
internal import ArchiveIndex
internal import Webhooks

/// One snapshot of the index, within a scope.
struct ScopedSnapshot {
    private let archive: ArchiveFolder
    private let scope: Scope
    private let snapshot: IndexSnapshot

    init(_ scoped: ScopedArchive, _ snapshot: IndexSnapshot) {
        archive = scoped.archive
        scope = scoped.scope
        self.snapshot = snapshot
    }

    /// A segment that no business has: a part of a path is never empty.
    private static let nowhere = ""

    private func within(_ place: Route.Place) -> String {
        let covers = (scope.covers(place.environment), scope.covers(segment: place.segment))
        return covers == (true, true) ? place.segment : Self.nowhere
    }

    private func within(_ place: Route.Place, _ day: CivilDate) -> String {
        let (segment, isCovered) = (within(place), scope.covers(day))
        return isCovered ? segment : Self.nowhere
    }

    private func first(_ day: CivilDate?) -> CivilDate? { [scope.from, day].compactMap { $0 }.max() }
    private func last(_ day: CivilDate?) -> CivilDate? { [scope.to, day].compactMap { $0 }.min() }

    // MARK: - Businesses

    /// Returns the businesses that have archives, by name and environment.
    func businesses(limit: Int, offset: Int) throws -> [IndexSnapshot.BusinessSpan] {
        let environment = scope.environments.count == 1 ? scope.environments.first : nil
        func selection(_ business: Business?) -> Selection {
            Selection(environment: environment, business: business, from: scope.from, to: scope.to)
        }
        guard !scope.environments.isEmpty else { return [] }
        guard let named = scope.businesses else {
            return try snapshot.businesses(selection(nil), limit: limit, offset: offset)
        }
        var found: [IndexSnapshot.BusinessSpan] = []
        for business in named.sorted(by: { ($0.name ?? "") < ($1.name ?? "") }) {
            found += try snapshot.businesses(selection(business), limit: Environment.allCases.count)
        }
        return Array(found.dropFirst(offset).prefix(limit))
    }

    /// Returns a business's archives by day. The result is empty if there is no such business.
    func days(
        _ place: Route.Place, from: CivilDate? = nil, to: CivilDate? = nil
    ) throws -> [IndexSnapshot.ListedArchive] {
        try snapshot.list(place.environment, segment: within(place), from: first(from), to: last(to))
    }

    // MARK: - A day

    /// Returns a business's archive of a day, or `nil` if there is none.
    func file(_ kind: IndexedFile.Kind, of place: Route.Place, on day: CivilDate) throws -> IndexedFile? {
        let segment = within(place, day)
        let path =
            switch kind {
            case .archives: ArchivePath.archive(in: place.environment, segment: segment, on: day)
            case .ledgers: ArchivePath.ledger(in: place.environment, segment: segment, on: day)
            }
        return try snapshot.file(kind, path: path)
    }

    /// Returns how many lines of a file were lost when the index was rebuilt.
    func lostLines(of file: IndexedFile) throws -> Int {
        try snapshot.damage(to: file).reduce(0) { $0 + ($1.lines?.count ?? 0) }
    }

    func types(of file: IndexedFile) throws -> [(type: String, events: Int)] { try snapshot.types(of: file) }

    func events(of file: IndexedFile, lines: Range<Int>) throws -> [IndexSnapshot.IndexedEvent] {
        try snapshot.events(of: file, lines: lines)
    }

    func events(of file: IndexedFile, hash: ContentHash, limit: Int) throws -> [IndexSnapshot.IndexedEvent] {
        try snapshot.events(of: file, hash: hash, limit: limit)
    }

    func redeliveries(in ledger: IndexedFile, limit: Int) throws -> [(
        again: IndexSnapshot.IndexedRedelivery, event: DeliveryID
    )] { try snapshot.redeliveries(in: ledger, limit: limit) }

    func redeliveries(ofLine line: Int, in file: IndexedFile) throws -> [IndexSnapshot.IndexedRedelivery] {
        try snapshot.redeliveries(ofLine: line, in: file)
    }

    /// Returns the seals of a file's day, by revision.
    func seals(of file: IndexedFile) throws -> [IndexSnapshot.IndexedSeal] {
        try snapshot.seals(file.environment, file.day)
    }

    // MARK: - Blocks

    func blocks(of file: IndexedFile, fromLine line: Int, limit: Int) throws -> [IndexedBlock] {
        try snapshot.blocks(of: file, fromLine: line, limit: limit)
    }

    func block(of file: IndexedFile, atByte offset: Int) throws -> IndexedBlock? {
        try snapshot.block(of: file, atByte: offset)
    }

    /// Returns how many events of an archive are gone.
    func goneEvents(in file: IndexedFile) throws -> Int { try snapshot.tombstones(in: file).count }

    // MARK: - Events

    /// Returns an event and its place, or `nil` if the scope has no event with this id.
    ///
    /// - Parameter place: The place with the day that the event must have, or `nil` for any.
    func find(_ id: DeliveryID, at place: (Route.Place, CivilDate)? = nil) throws -> FoundEvent? {
        let wanted = try place.map { try file(.archives, of: $0, on: $1)?.path ?? Self.nowhere }
        // The index alone decides: no block is read if the event is out of scope.
        let known = try snapshot.lines(holding: id).first { file, _ in
            scope.covers(file.environment) && scope.covers(segment: file.business.segment) && scope.covers(file.day)
                && wanted ?? file.path == file.path
        }
        guard let (file, number) = known, let block = try snapshot.block(of: file, holding: number) else { return nil }
        let text = try GzipFile(file.reference, in: archive).text(
            of: block.block, at: block.offset, inflater: Inflater())
        let lines = text.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return FoundEvent(
            id: id, file: file, number: number, line: Array(lines[number - block.firstLine]), block: block,
            redeliveries: try snapshot.redeliveries(ofLine: number, in: file))
    }

    /// Returns the event that the delivery with this id repeats, or `nil` if the scope has none.
    func find(repeatedBy id: DeliveryID) throws -> FoundEvent? {
        for event in try snapshot.events(repeatedBy: id) {
            if let found = try find(event) { return found }
        }
        return nil
    }

    struct FoundEvent {
        let id: DeliveryID
        let file: IndexedFile
        /// The line number, starting at 0.
        let number: Int
        let line: [UInt8]
        let block: IndexedBlock
        let redeliveries: [IndexSnapshot.IndexedRedelivery]
    }

    // MARK: - Exports

    /// Returns what an export of a business covers, or `nil` if there is no such business.
    func selection(_ place: Route.Place, from: CivilDate?, to: CivilDate?) throws -> Selection? {
        guard let file = try days(place, from: from, to: to).first?.file else { return nil }
        return Selection(environment: file.environment, business: file.business, from: first(from), to: last(to))
    }
}
