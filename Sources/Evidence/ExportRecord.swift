internal import Archive
internal import ArchiveIndex
internal import Webhooks

/// `data/export.json`: what the export covers, for `check.sh`.
///
/// It proves nothing: `check.sh` compares it with the seals, and prints the businesses and days that it names.
struct ExportRecord: Encodable {
    /// The archive's id.
    let archive: String
    /// The scope: `all`, one `business`, or the `unassigned` events.
    let scope: String
    /// The business, if the scope is one.
    let business: String?
    let from: String?
    let to: String?
    /// The seals, in the order of their chains, each without a gap.
    let seals: [Link]
    /// The days whose files were pruned.
    let pruned: [PrunedDay]

    struct PrunedDay: Encodable {
        let environment: Environment
        let day: String
        /// The record that pruned it.
        let record: Int
    }

    struct Link: Encodable {
        let environment: Environment
        let number: Int
        /// The path of the seal from the environment's folder.
        let path: String
    }
}

extension ExportContents {
    func record(of archive: String) throws -> [UInt8] {
        let scope =
            switch business {
            case nil: "all"
            case .named: "business"
            case .unassigned: "unassigned"
            }
        return try RecordCoding.encode(
            ExportRecord(
                archive: archive, scope: scope, business: business?.name, from: selection.from?.description,
                to: selection.to?.description,
                seals: seals.map { .init(environment: $0.environment, number: $0.number, path: $0.path) },
                pruned: days.compactMap { day in
                    day.prunedBy.map {
                        .init(environment: day.environment, day: day.day.description, record: $0)
                    }
                }))
    }
}
