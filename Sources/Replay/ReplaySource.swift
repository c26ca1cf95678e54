package import Archive
package import ArchiveIndex
internal import Synchronization
internal import Webhooks

/// The events to replay, business by business.
///
/// Memory holds the names of the files of one business for each worker, not the events.
package final class ReplaySource: Sendable {
    private let archive: ArchiveFolder
    private let index: IndexDatabase
    let query: EventQuery
    /// A file of the last business that was handed out.
    private let last = Mutex<IndexedFile?>(nil)
    private let skipped = Mutex(Skipped())

    /// What is selected and cannot be sent.
    package struct Skipped: Sendable {
        /// The number of events that were erased or lost.
        package var gone = 0
        /// The number of damaged files and blocks, and the error of the first.
        package var damaged = 0
        package var firstDamage = ""

        package init() {}
    }

    package init(_ query: EventQuery, in archive: ArchiveFolder, _ index: IndexDatabase) {
        self.query = query
        self.archive = archive
        self.index = index
    }

    /// Returns the files of the next business that have events to replay, by day, or none after the last business.
    func nextBusiness() throws -> [IndexedFile] {
        try last.withLock { last in
            let files = try index.read { try $0.nextBusiness(of: query, after: last) }
            last = files.last ?? last
            return files
        }
    }

    /// Returns the events to replay in some consecutive lines of a file.
    func events(of file: IndexedFile, lines: Range<Int>) throws -> [EventLine] {
        var query = query
        query.selection = Selection(
            environment: file.environment, business: file.business, from: file.day, to: file.day)
        query.lines = lines
        var events: [EventLine] = []
        let cost = try query.run(in: archive, index) { error in
            skipped.withLock { skipped in
                if skipped.damaged == 0 { skipped.firstDamage = "\(error)" }
                skipped.damaged += 1
            }
        } _: { found, _ in
            events.append(try EventLine(found.line))
        }
        skipped.withLock { $0.gone += cost.gone }
        return events
    }

    /// What could not be sent so far.
    package var skippedSoFar: Skipped { skipped.withLock { $0 } }
}
