internal import Archive
internal import ArchiveIndex
internal import Webhooks

/// `data/export.json`: what an export is of, for `check.sh`.
///
/// It claims and proves nothing: `check.sh` holds it against the seals, and shows whom and which days it names.
struct ExportRecord: Encodable {
    /// The archive's id.
    let archive: String
    /// `all`, or one `business`, or what is `unassigned`.
    let scope: String
    /// Where the scope is one.
    let business: String?
    let from: String?
    let to: String?
    /// In the order of the chains, each without a gap.
    let seals: [Link]

    struct Link: Encodable {
        let environment: Environment
        let number: Int
        /// From the environment's folder.
        let path: String
    }
}

extension ExportContents {
    func record(of archive: String) throws -> [UInt8] {
        let scope =
            switch selection.business {
            case nil: "all"
            case .named: "business"
            case .unassigned: "unassigned"
            }
        return try RecordCoding.encode(
            ExportRecord(
                archive: archive, scope: scope, business: selection.business?.name, from: selection.from?.description,
                to: selection.to?.description,
                seals: seals.map { .init(environment: $0.environment, number: $0.number, path: $0.path) }))
    }
}
