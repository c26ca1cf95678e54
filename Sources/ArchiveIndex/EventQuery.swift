package import Archive
package import Parallel
package import Webhooks

/// Finds events through the index, and reads only the blocks that contain them.
package struct EventQuery: Sendable {
    package var selection: Selection
    /// The types to match; any if it is empty.
    package var types: [TypePattern]
    /// The ids to match; any if it is empty.
    package var ids: [DeliveryID]
    /// The SHA-256 of the payloads to match; any if it is empty.
    package var hashes: [ContentHash]
    /// The times of receipt to match, including the first and without the last.
    package var received: TimeRange
    /// Whether the events to match have been delivered again, or `nil` if that does not matter.
    package var isRedelivered: Bool?
    /// The sweeps that archived the events.
    package var sweeps: SweepRange
    /// The lines of each file that are searched, counted from 0, or `nil` for all.
    package var lines: Range<Int>?
    /// What the payloads must have, or `nil` if they are not read.
    package var condition: PayloadCondition?
    /// The number of events to find at most, or `nil` for all.
    package var limit: Int?
    /// Whether events are found by their time of receipt, the last first.
    package var isNewestFirst = false

    package init(
        _ selection: Selection = Selection(), types: [TypePattern] = [], ids: [DeliveryID] = [],
        hashes: [ContentHash] = [], received: TimeRange = TimeRange(), isRedelivered: Bool? = nil,
        sweeps: SweepRange = SweepRange(), condition: PayloadCondition? = nil, limit: Int? = nil
    ) {
        self.selection = selection
        self.types = types
        self.ids = ids
        self.hashes = hashes
        self.received = received
        self.isRedelivered = isRedelivered
        self.sweeps = sweeps
        self.condition = condition
        self.limit = limit
    }

    /// An event type, or the beginning of some.
    package struct TypePattern: Equatable, Sendable, CustomStringConvertible {
        /// The type, or its beginning.
        let text: String
        let isPrefix: Bool

        /// - Parameter description: An event type, or the beginning of some, followed by `*`.
        package init(_ description: String) {
            isPrefix = description.hasSuffix("*")
            text = isPrefix ? String(description.dropLast()) : description
        }

        package var description: String { isPrefix ? "\(text)*" : text }
    }

    /// Times from one on, up to but not including another. A `nil` does not limit them.
    package struct TimeRange: Equatable, Sendable {
        package var from: Timestamp?
        package var before: Timestamp?

        package init(from: Timestamp? = nil, before: Timestamp? = nil) {
            self.from = from
            self.before = before
        }
    }

    /// Some consecutive sweeps. A `nil` does not limit them.
    package struct SweepRange: Equatable, Sendable {
        /// The sweep before the first.
        package var after: Int?
        /// The last sweep.
        package var through: Int?

        package init(after: Int? = nil, through: Int? = nil) {
            self.after = after
            self.through = through
        }
    }

    package struct Found {
        /// The line as the archive has it, without its LF.
        package let line: ArraySlice<UInt8>
        package let archive: IndexedFile
        /// The line number in the archive, starting at 0.
        package let number: Int
    }

    /// The work that the search took.
    package struct Cost: Encodable, Sendable {
        package var events = 0
        /// The number of matches that were erased or lost, and are not in `events`. With a condition on payloads, it is
        /// unknown whether these would have matched.
        package var gone = 0
        package var archives = 0
        /// The number of blocks in those archives.
        package var blocks = 0
        /// The number of blocks that were read and inflated.
        package var blocksInflated = 0
        package var bytesRead = 0
        /// The pointers of the condition that led to no value in any payload that was read.
        package var missingPointers: [String] = []

        enum CodingKeys: String, CodingKey {
            case events, gone, archives, blocks
            case blocksInflated = "blocks_inflated"
            case bytesRead = "bytes_read"
            case missingPointers = "missing_pointers"
        }
    }

    /// Calls `body` for each match, by environment, business, day, and line, or the newest first. Events that are gone are skipped and counted.
    ///
    /// - Parameters:
    ///   - pipeline: The threads that read, inflate and compare.
    ///   - damage: Called for each file or block that cannot be read or differs from the index, and that is
    ///     skipped: no line of it is passed to `body`. By default, the error is thrown.
    package func run(
        in archive: ArchiveFolder, _ index: IndexDatabase, pipeline: Pipeline = Pipeline(threads: 1),
        damage: (any Error) throws -> Void = { throw $0 }, _ body: (Found, IndexSnapshot) throws -> Void
    ) throws -> Cost {
        try index.read { snapshot in
            let run = EventQueryRun(self, in: archive, snapshot, pipeline)
            return try run.run(damage: damage, body)
        }
    }

    /// Whether the index alone decides what matches.
    package var isOfIndex: Bool { condition == nil }

    /// Returns the ids of which the selected archives have no event, in the order of the query.
    package func unknownIDs(in index: IndexDatabase) throws -> [DeliveryID] {
        try index.read { snapshot in try ids.filter { try snapshot.archives(holding: $0, selection).isEmpty } }
    }
}
