package import Webhooks

/// An environment's statement for a day: `_seals/<day>.json`.
package struct DayStatement: Codable, Equatable, Sendable {
    package var archive: String
    package var environment: Environment
    package var day: CivilDate
    /// The revision, from 1 for each day.
    package var revision: Int
    /// The number in the environment's chain of seals, from 1.
    package var number: Int
    /// The last sweep whose lines are counted.
    package var sweep: Int
    /// The time of the seal, RFC 3339 in UTC.
    package var sealed: String
    package var leaves: Int
    package var counts: Counts
    /// The path of the previous seal, or `nil` for the first.
    package var previous: String?

    package init(
        archive: String, environment: Environment, day: CivilDate, revision: Int, number: Int, sweep: Int,
        sealed: String, leaves: Int, counts: Counts, previous: String?
    ) {
        self.archive = archive
        self.environment = environment
        self.day = day
        self.revision = revision
        self.number = number
        self.sweep = sweep
        self.sealed = sealed
        self.leaves = leaves
        self.counts = counts
        self.previous = previous
    }
}
