internal import Archive
internal import ArchiveIndex
internal import Configuring
internal import DurableFiles
internal import Webhooks

/// A day of a business: its archive, its seal, and its events in order.
struct DayPage {
    let date, name, environment, zone: String
    let before, after: Neighbour?
    let damage: String?
    let archive: File?
    let seal: Seal?
    let statement: Statement?
    let files: [Link]
    let hasRedeliveries: Bool
    let redeliveries: [Redelivery]
    let redeliveriesShown: String

    struct Neighbour { let name, path: String }
    struct Link { let name, path: String }
    struct Statement { let archived, redelivered, quarantined: String }

    struct File {
        let fileName, events, size, text, hash, path, check, shown: String
        let types: [TypeCount]
        let rows: [Row]
        let earlier, later: String?
    }

    struct TypeCount { let type, events, bar: String }
    struct Row {
        let line, time, type, id, path, bytes, again: String
        let gone: String?
    }
    struct Redelivery {
        let time, id, path: String
        let differing: Bool
    }

    struct Seal {
        let tone, verdict, number, sealed, hash, leaves: String
        let revision: String?
        let isSigned: Bool
    }

    static let rowsAPage = 50
    private static let redeliveriesAPage = 100

    /// - Returns: The page, or `nil` if the business has nothing on this day.
    static func page(
        _ scoped: ScopedArchive, of place: Route.Place, on day: CivilDate, page: Int, templates: PageTemplates
    ) throws -> Page? {
        let read = try scoped.read { snapshot in try Contents(snapshot, of: place, on: day, page: page) }
        guard let any = read.archive ?? read.ledger else { return nil }
        // This reads files, so it runs outside the snapshot.
        let seal = try DaySeal(scoped.archive, read.seals, archive: read.archive, ledger: read.ledger)
        let shown = read.redeliveries.prefix(redeliveriesAPage)
        let values = DayPage(
            date: PageFormat.longDate(day), name: PageFormat.name(any.business), environment: "\(place.environment)",
            zone: scoped.archive.identity.timeZone, before: read.before.map { neighbour(place, $0) },
            after: read.after.map { neighbour(place, $0) },
            damage: read.lost == 0
                ? nil : "\(Display.count(read.lost, "line")) of this day cannot be read, since a file is damaged.",
            archive: read.archive.map { file($0, contents: read, of: place, page: page) }, seal: seal.map(Seal.init),
            statement: seal?.leaf.map { Statement($0.statement) }, files: files(read, seal: seal, of: place, on: day),
            hasRedeliveries: !shown.isEmpty,
            redeliveries: shown.map { it in
                Redelivery(
                    time: time(it.again.time), id: "\(it.event)", path: "/search?q=\(it.event)",
                    differing: it.again.differing)
            },
            redeliveriesShown: read.redeliveries.count > redeliveriesAPage
                ? "The first \(redeliveriesAPage) are shown." : "")
        return Page(
            title: "\(day)", trail: [.businesses, .business(any, place)], main: templates.render(.day, values))
    }

    /// What the index has about the day.
    private struct Contents {
        let archive, ledger: IndexedFile?
        /// The number of lines that are lost.
        let lost: Int
        let before, after: CivilDate?
        let seals: [IndexSnapshot.IndexedSeal]
        let types: [(type: String, events: Int)]
        let events: [IndexSnapshot.IndexedEvent]
        let redeliveries: [(again: IndexSnapshot.IndexedRedelivery, event: DeliveryID)]

        init(_ snapshot: ScopedSnapshot, of place: Route.Place, on day: CivilDate, page: Int) throws {
            archive = try snapshot.file(.archives, of: place, on: day)
            ledger = try snapshot.file(.ledgers, of: place, on: day)
            lost = try [archive, ledger].compactMap { $0 }.reduce(0) { try $0 + snapshot.lostLines(of: $1) }
            seals = try (archive ?? ledger).map { try snapshot.seals(of: $0) } ?? []
            types = try archive.map { try snapshot.types(of: $0) } ?? []
            let first = (page - 1) * rowsAPage
            events = try archive.map { try snapshot.events(of: $0, lines: first..<(first + rowsAPage)) } ?? []
            redeliveries =
                try ledger.map { try snapshot.redeliveries(in: $0, limit: redeliveriesAPage + 1) } ?? []
            let days = try snapshot.days(place).map(\.file.day)
            before = days.last { $0 < day }
            after = days.first { $0 > day }
        }
    }

    private static func neighbour(_ place: Route.Place, _ day: CivilDate) -> Neighbour {
        Neighbour(name: PageFormat.date(day), path: Route.day(place, day).path)
    }

    /// The time of receipt, without the day.
    private static func time(_ time: Timestamp) -> String { String(PageFormat.time(time).dropLast(4)) }

    private static func file(_ file: IndexedFile, contents read: Contents, of place: Route.Place, page: Int) -> File {
        let day = Route.day(place, file.day).path
        let last = min(page * rowsAPage, file.state.lines)
        return File(
            fileName: place.fileName(file.day, ".ndjson.gz"), events: Display.number(file.state.lines),
            size: Display.size(file.state.gzipBytes), text: Display.size(file.state.textBytes),
            hash: "\(file.state.hash)", path: Route.file(place, file.day, .archive).path,
            check: Route.check(place, file.day).path,
            shown: read.events.isEmpty
                ? "This page does not exist."
                : "\(Display.number((page - 1) * rowsAPage + 1)) to \(Display.number(last)) of \(Display.number(file.state.lines)).",
            types: read.types.map {
                TypeCount(
                    type: VisibleText.line($0.type), events: Display.number($0.events),
                    bar: Chart.share($0.events, of: file.state.lines))
            },
            rows: read.events.map { event in
                Row(
                    line: Display.number(event.line + 1), time: time(event.time), type: VisibleText.line(event.type),
                    id: "\(event.id)", path: Route.event(place, file.day, event.id).path,
                    bytes: Display.number(event.size),
                    again: event.redeliveries == 0 ? "" : "+\(Display.number(event.redeliveries))",
                    gone: event.gone?.rawValue)
            },
            earlier: page > 1 ? "\(day)?page=\(page - 1)#events" : nil,
            later: last < file.state.lines ? "\(day)?page=\(page + 1)#events" : nil)
    }

    private static func files(
        _ read: Contents, seal: DaySeal?, of place: Route.Place, on day: CivilDate
    ) -> [Link] {
        var files: [DayFile] = []
        if read.ledger != nil { files.append(.ledger) }
        if seal?.leaf != nil { files.append(.leaf) }
        if let seal { files += seal.isSigned ? [.seal, .signature] : [.seal] }
        return files.map { Link(name: $0.rawValue, path: Route.file(place, day, $0).path) }
    }
}

extension DayPage.Statement {
    init(_ statement: LeafStatement) {
        self.init(
            archived: Display.number(statement.archived), redelivered: Display.number(statement.redelivered),
            quarantined: Display.number(statement.quarantined))
    }
}

extension DayPage.Seal {
    init(_ seal: DaySeal) {
        let (tone, verdict): (String, String) =
            switch seal.verdict {
            case .closed(everyByte: true):
                ("good", "Sealed and verified: every byte was read just now and matches the sealed hashes.")
            case .closed(everyByte: false):
                (
                    "good",
                    "Sealed, and its hashes match. Its bytes are compared as you download them."
                )
            case .grown(let lines):
                (
                    "warn",
                    "\(Display.count(lines, "line")) arrived after the seal. Its next revision will close them. "
                        + "The sealed lines are still the beginning of the file."
                )
            case .broken(let why): ("bad", "It does not verify. \(why) Please contact the operator.")
            }
        self.init(
            tone: tone, verdict: verdict, number: Display.number(seal.seal.number),
            sealed: Timestamp(seal.sealed).map(PageFormat.time) ?? "", hash: "\(seal.seal.hash)",
            leaves: Display.count(seal.leaves, "business", plural: "businesses"),
            revision: seal.seal.revision > 1 ? "revision \(seal.seal.revision) of the day" : nil,
            isSigned: seal.isSigned)
    }
}
