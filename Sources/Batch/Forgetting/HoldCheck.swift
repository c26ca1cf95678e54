internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Webhooks

/// Refuses what a hold covers.
struct HoldCheck {
    private let holds: [IndexedHold]

    /// - Throws: ``ArchiveError/differs(_:_:)`` if a record could not be read when the index was rebuilt, since it may have
    ///   been that of a hold.
    init(_ snapshot: IndexSnapshot, _ archive: ArchiveFolder) throws {
        if let damage = try snapshot.damage().first(where: { ArchivePath.sweep(ofRecord: $0.path) != nil }) {
            throw ArchiveError.differs(
                archive.root.path(of: damage.path),
                "\(damage.cause), and it may be that of a hold; run `daybook repair` first")
        }
        holds = try snapshot.holds()
    }

    /// - Throws: ``BatchError/refused(_:)`` if a hold covers the file.
    func requireNone(on file: IndexedFile) throws {
        if let hold = holds.first(where: { $0.selection.covers(file) }) { throw Self.refusal(hold, file.path) }
    }

    /// - Throws: ``BatchError/refused(_:)`` if a hold covers a file of the day.
    func requireNone(on day: CivilDate, in environment: Environment, _ snapshot: IndexSnapshot) throws {
        for hold in holds {
            var part = hold.selection
            guard part.environment ?? environment == environment, part.covers(day) else { continue }
            (part.environment, part.from, part.to) = (environment, day, day)
            if try snapshot.hasFiles(part) { throw Self.refusal(hold, "\(environment) \(day)") }
        }
    }

    private static func refusal(_ hold: IndexedHold, _ what: String) -> BatchError {
        .refused(
            "hold \(hold.number) covers \(what): added by \(hold.decision.by) on \(hold.decision.at.prefix(10)), "
                + "\(hold.decision.reason); it can be released with `daybook hold release \(hold.number)`")
    }
}
