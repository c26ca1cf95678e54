internal import DurableFiles
package import Spool
package import Webhooks

/// Puts history into the spool, where the next sweep treats it like what was received.
///
/// An item becomes a delivery with its time of receipt, and an id that depends on its time, payload and headers. So the same history
/// can be ingested again, as a whole or with more, and after an interruption: what is in the spool or the archive is skipped.
/// The kept headers of each have `daybook-ingest`, which names the file and the line that it came from.
package struct IngestRun {
    private let history: History
    private let environment: Environment
    private let spool: SpoolFolder
    private let isKnown: (DeliveryID, ContentHash) throws -> Bool

    /// The limits of what is stored with two syncs.
    private static let entries = 512
    private static let bytes = 8 << 20

    /// - Parameter isKnown: Returns whether the archive has a delivery with this id and payload.
    package init(
        _ history: History, into spool: SpoolFolder, _ environment: Environment,
        isKnown: @escaping (DeliveryID, ContentHash) throws -> Bool
    ) {
        self.history = history
        self.environment = environment
        self.spool = spool
        self.isKnown = isKnown
    }

    /// What was done.
    package struct Report: Encodable, Equatable, Sendable {
        /// The number of items that were read.
        package var read = 0
        /// The number of items that are new in the spool.
        package var stored = 0
        /// The number of items that the spool had, also those that are in the history twice.
        package var spooled = 0
        /// The number of items that the archive has.
        package var archived = 0
        /// The number of items that cannot become deliveries.
        package var rejected = 0
    }

    /// - Parameters:
    ///   - rejected: Called with the source of each item that cannot become a delivery, and the reason.
    ///   - progress: Called after each portion was stored.
    /// - Throws: ``IngestError``; `FolderLock.Held` if another process ingests into the spool. What was stored before remains.
    package func run(
        rejected: (_ source: String, _ reason: String) throws -> Void, progress: (Report) -> Void
    ) throws -> Report {
        let part = try spool.make(environment)
        return try spool.root.withLock(named: "_ingest.lock", purpose: "an ingest") {
            var report = Report()
            var portion: [EnvironmentSpool.KnownEntry] = []
            var bytes = 0
            func store() throws {
                // An item may be in the portion twice.
                var ids: Set<DeliveryID> = []
                let distinct = portion.filter { ids.insert($0.id).inserted }
                let stored = try part.store(distinct)
                report.stored += stored
                report.spooled += portion.count - stored
                (portion, bytes) = ([], 0)
                progress(report)
            }
            do {
                try history.forEach { item in
                    report.read += 1
                    let id = try item.id(in: environment)
                    if try isKnown(id, ContentHash(of: item.payload)) {
                        report.archived += 1
                        return
                    }
                    portion.append(
                        .init(id: id, payload: item.payload, headers: try item.sidecar()))
                    bytes += item.payload.count
                    if portion.count >= Self.entries || bytes >= Self.bytes { try store() }
                } rejected: { source, reason in
                    report.read += 1
                    report.rejected += 1
                    try rejected(source, reason)
                }
            } catch let error as IngestError {
                // What was read before the damage is stored all the same.
                try store()
                throw error
            }
            try store()
            return report
        }
    }
}
