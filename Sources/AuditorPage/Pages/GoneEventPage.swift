internal import Archive
internal import ArchiveIndex
internal import Configuring

/// An event that was erased or lost: what remains known of it, and its place in the archive.
struct GoneEventPage {
    let type, environment, id, time, name, hash, lineHash, line, fileName, size, cause, record: String

    static func page(
        _ found: ScopedSnapshot.FoundEvent, _ gone: EventTombstone, _ templates: PageTemplates
    ) -> Page {
        let place = Route.Place(found.file)
        // Who decided it, and why, may name other businesses.
        let values = GoneEventPage(
            type: VisibleText.line(gone.type), environment: "\(gone.environment)", id: "\(gone.id)",
            time: PageFormat.time(gone.time), name: PageFormat.name(gone.business), hash: "\(gone.hash)",
            lineHash: gone.tombstone.lineHash.map { "\($0)" } ?? "not known", line: Display.number(found.number + 1),
            fileName: place.fileName(found.file.day, ".ndjson.gz"), size: Display.size(gone.size),
            cause: gone.tombstone.gone == .erased
                ? "It was erased by a recorded decision." : "It was damaged, and no copy had it.",
            record: Display.number(gone.tombstone.record))
        return Page(
            title: VisibleText.line(gone.type),
            trail: [.businesses, .business(found.file, place), .day(place, found.file.day)],
            main: templates.render(.goneEvent, values))
    }
}
