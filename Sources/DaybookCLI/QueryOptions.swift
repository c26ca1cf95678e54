internal import ArchiveIndex
internal import ArgumentParser
internal import Configuring
internal import Foundation
internal import Webhooks

/// Which events a command covers.
struct QueryOptions: ParsableArguments {
    @OptionGroup var selection: SelectionOptions

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

    var query: EventQuery {
        EventQuery(
            selection.selection, types: types.map(EventQuery.TypePattern.init),
            ids: ids + (listedIDs ?? []), hashes: hashes,
            received: EventQuery.TimeRange(from: receivedFrom, before: receivedBefore), isRedelivered: redelivered,
            sweeps: EventQuery.SweepRange(after: sinceSweep, through: untilSweep))
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
