internal import Archive
internal import ArchiveIndex
internal import ArgumentParser
internal import Configuring
internal import Foundation
internal import Webhooks

/// Which events of a selection a command covers.
struct FilterOptions: ParsableArguments {
    @Option(
        name: .customLong("type"),
        help: ArgumentHelp(
            "An event type, such as NEW_TRANSACTION_CREATED, or the beginning of some: 'TRANSACTION_*'. Can be repeated.",
            valueName: "type"))
    var types: [String] = []

    @Option(name: .customLong("id"), help: ArgumentHelp("The id of an event. Can be repeated.", valueName: "id"))
    var ids: [DeliveryID] = []

    @Option(
        name: .customLong("ids"), help: ArgumentHelp("A file with an id in each line; - is stdin.", valueName: "file"),
        transform: readIDs)
    var listedIDs: [DeliveryID]?

    @Option(
        name: .customLong("sha256"), help: ArgumentHelp("The SHA-256 of a payload. Can be repeated.", valueName: "hex"))
    var hashes: [ContentHash] = []

    @Option(help: "Only events received at this time or later, such as 2026-11-23T21:00:00.000Z.")
    var receivedFrom: Timestamp?

    @Option(help: "Only events received before this time.")
    var receivedBefore: Timestamp?

    @Flag(inversion: .prefixedNo, help: "Only events that were, or were not, delivered again.")
    var redelivered: Bool?

    @Option(help: ArgumentHelp("Only events that sweeps after this one archived.", valueName: "sweep"))
    var sinceSweep: Int?

    @Option(help: ArgumentHelp("Only events that sweeps up to this one archived.", valueName: "sweep"))
    var untilSweep: Int?

    func validate() throws {
        if let sinceSweep, sinceSweep < 0 { throw ValidationError("--since-sweep \(sinceSweep) is less than 0") }
        if let untilSweep, untilSweep < sinceSweep ?? 0 {
            throw ValidationError(
                "--until-sweep \(untilSweep) is less than \(sinceSweep.map { "--since-sweep \($0)" } ?? "0")")
        }
        if let receivedFrom, let receivedBefore, receivedBefore <= receivedFrom {
            throw ValidationError("--received-before \(receivedBefore) is not after --received-from \(receivedFrom)")
        }
    }

    func query(_ selection: Selection) -> EventQuery {
        EventQuery(
            selection, types: types.map(EventQuery.TypePattern.init), ids: ids + (listedIDs ?? []), hashes: hashes,
            received: EventQuery.TimeRange(from: receivedFrom, before: receivedBefore), isRedelivered: redelivered,
            sweeps: EventQuery.SweepRange(after: sinceSweep, through: untilSweep))
    }

    /// The events that are selected, as JSON with sorted members: equal texts select the same events.
    func words(_ selection: Selection, where condition: String?) throws -> String {
        let words = Words(
            environment: selection.environment?.rawValue, businesses: selection.businesses.map(\.name),
            from: selection.from?.description, to: selection.to?.description, types: types,
            ids: (ids + (listedIDs ?? [])).map(\.description), sha256: hashes.map(\.description),
            receivedFrom: receivedFrom?.description, receivedBefore: receivedBefore?.description,
            redelivered: redelivered, sinceSweep: sinceSweep, untilSweep: untilSweep, condition: condition)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(words), as: UTF8.self)
    }

    private struct Words: Encodable {
        let environment: String?
        let businesses: [String?]
        let from, to: String?
        let types, ids, sha256: [String]
        let receivedFrom, receivedBefore: String?
        let redelivered: Bool?
        let sinceSweep, untilSweep: Int?
        let condition: String?
    }

    private static func readIDs(_ path: String) throws -> [DeliveryID] {
        try TextFile.lines(of: path).map { number, line in
            guard let id = DeliveryID(line.lowercased()) else {
                throw Failure(.usage, "line \(number): \(VisibleText.quoted(line)) is not the id of an event")
            }
            return id
        }
    }
}
