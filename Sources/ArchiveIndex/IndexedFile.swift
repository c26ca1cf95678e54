package import Archive
package import Webhooks

/// The index's row for a compressed file.
package struct IndexedFile: Equatable, Sendable {
    package enum Kind: String, Sendable {
        case archives, ledgers

        /// The name of the key column.
        var key: String { self == .archives ? "archive" : "ledger" }
    }

    package var kind: Kind
    package var row: Int64
    package var environment: Environment
    package var business: Business
    package var day: CivilDate
    package var path: String
    package var state: GzipState
    package var firstSweep: Int
    /// The last sweep that added lines.
    package var sweep: Int

    package var reference: GzipReference { GzipReference(path: path, state: state, sweep: sweep) }

    package init(
        kind: Kind, row: Int64, environment: Environment, business: Business, day: CivilDate, path: String,
        state: GzipState, firstSweep: Int, sweep: Int
    ) {
        self.kind = kind
        self.row = row
        self.environment = environment
        self.business = business
        self.day = day
        self.path = path
        self.state = state
        self.firstSweep = firstSweep
        self.sweep = sweep
    }
}
