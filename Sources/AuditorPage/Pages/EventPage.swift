internal import Archive
internal import ArchiveIndex
internal import Configuring
internal import Webhooks

/// One event: its payload as it was received, and its place in the archive.
struct EventPage {
    let type, environment, id, time, name, hash, tone, verdict, line, fileName, blockBytes, blockOffset: String
    let pointer, key, headers: String?
    let payloadPath, size, shown, pretty, raw, command: String
    let hasRedeliveries: Bool
    let redeliveries: [Redelivery]

    struct Redelivery {
        let time, id: String
        let differing: Bool
    }

    /// The size in bytes above which a payload is shown in part. It can be downloaded in full.
    private static let shownLimit = 64 << 10

    /// - Throws: ``LineFault`` if the line is neither an event nor a tombstone.
    static func page(
        _ found: ScopedSnapshot.FoundEvent, _ templates: PageTemplates
    ) throws -> Page {
        if let gone = try EventTombstone(found.line) { return GoneEventPage.page(found, gone, templates) }
        let event = try EventLine(found.line)
        let place = Route.Place(found.file)
        let isWhole = event.payload.count <= shownLimit
        let shown = isWhole ? event.payload : Array(event.payload.prefix(shownLimit))
        let isSound = ContentHash(of: event.payload) == event.hash
        let values = EventPage(
            type: VisibleText.line(event.type), environment: "\(event.environment)", id: "\(event.id)",
            time: PageFormat.time(event.time), name: PageFormat.name(event.business), hash: "\(event.hash)",
            tone: isSound ? "yes" : "bad",
            verdict: isSound ? "computed just now: the same" : "computed just now: another. Tell the operator.",
            line: Display.number(found.number + 1), fileName: place.fileName(found.file.day, ".ndjson.gz"),
            blockBytes: Display.size(found.block.block.gzipBytes), blockOffset: Display.number(found.block.offset),
            pointer: event.pointer.map(VisibleText.line), key: event.key.map(VisibleText.line),
            headers: event.headers.map(VisibleText.line),
            payloadPath: Route.payload(place, found.file.day, event.id).path, size: Display.size(event.payload.count),
            shown: isWhole
                ? "Characters that cannot be shown appear as \u{FFFD} here. The download has the exact bytes."
                : "The first \(Display.size(shownLimit)) are shown. The download has every byte.",
            pretty: VisibleText.block(JSONLayout.indented(shown)),
            raw: VisibleText.block(String(decoding: shown, as: UTF8.self)),
            command: command(of: place, found, event: event), hasRedeliveries: !found.redeliveries.isEmpty,
            redeliveries: found.redeliveries.map {
                Redelivery(time: PageFormat.time($0.time), id: "\($0.id)", differing: $0.differing)
            })
        return Page(
            title: VisibleText.line(event.type),
            trail: [.businesses, .business(found.file, place), .day(place, found.file.day)],
            main: templates.render(.event, values))
    }

    /// The payload is the bytes between the first `,"data":` and the final `}`, or the decoded `rawbody`.
    private static func command(
        of place: Route.Place, _ found: ScopedSnapshot.FoundEvent, event: EventLine
    ) -> String {
        let line = "zcat '\(place.fileName(found.file.day, ".ndjson.gz"))' | sed -n '\(found.number + 1)p'"
        let isRaw = event.payload.contains { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        let payload =
            isRaw
            ? "jq -r .rawbody | base64 -d" : #"sed 's/,"data":/\n/; s/^[^\n]*\n//; s/}$//' | tr -d '\n'"#
        return "\(line) | \(payload) | sha256sum\n# \(event.hash)  -"
    }
}
