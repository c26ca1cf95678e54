package import Batch
package import TestSupport
internal import Webhooks

/// A spool and an archive on the eve of a sweep that meets whatever a sweep can meet.
///
/// A first sweep has run, and sealed its day. Now there is late data for that day, which its archive must grow by and be
/// sealed again; redeliveries of what the first sweep kept, and within this one, equal and differing; what must be
/// quarantined, with a sidecar and without; an id that is used twice; a file that somebody put there; a business whose
/// name is too long for a path; and equal bytes in both environments.
package struct EventfulNight: Sendable {
    package let eve: SweepFixture
    /// The report of the sweep, if nothing interrupted it.
    package let points: [Sweep.Point]
    package let dawn: Outcome

    /// What a sweep leaves behind.
    package struct Outcome {
        package let archive: Tree
        package let spool: Tree
        package let index: [String]
    }

    package static let shared = Result { try EventfulNight() }

    private init() throws {
        eve = try Self.makeEve()
        let undisturbed = try SweepFixture(copyOf: eve)
        var points: [Sweep.Point] = []
        try undisturbed.sweep { points.append($0) }
        self.points = points
        dawn = try Outcome(of: undisturbed)
    }

    private static func makeEve() throws -> SweepFixture {
        var fixture = try SweepFixture()
        fixture.configuration.idHeader = "webhook-id"
        fixture.configuration.rules.ignoring = [try JSONPointer("/data/sent_at")]
        let long = String(repeating: "Société Générale ", count: 9)
        func event(_ number: Int, of business: String?, sent: Int = 0) -> String {
            let name = business.map { #""business_id":"\#($0)","# } ?? ""
            return #"{"event":"RECORD_CREATED","data":{\#(name)"n":\#(number),"sent_at":\#(sent)}}"#
        }

        let first = try fixture.receive(event(1, of: "acme"), at: "2026-11-24T08:00:00.000Z")
        try fixture.receive(event(2, of: long), at: "2026-11-24T23:59:59.999Z")
        try fixture.receive(event(3, of: "acme"), at: "2026-11-24T09:00:00.000Z", .sandbox)
        try fixture.sweep()

        try fixture.receive(event(4, of: "acme"), at: "2026-11-24T10:00:00.000Z")
        try fixture.drop(event(5, of: "acme"), as: "backfill 5", at: "2026-11-24T11:00:00.000Z")
        try fixture.receive(event(1, of: "acme"), at: "2026-11-25T00:00:00.000Z")
        try fixture.receive(event(1, of: "acme", sent: 9), at: "2026-11-25T01:00:00.000Z")
        try fixture.receive(event(2, of: long), at: "2026-11-25T02:00:00.000Z")
        try fixture.receive(event(6, of: nil), at: "2026-11-25T03:00:00.000Z", headers: #"{"webhook-id":"six"}"#)
        try fixture.receive(
            event(6, of: nil, sent: 1), at: "2026-11-25T04:00:00.000Z", headers: #"{"webhook-id":"six"}"#)
        try fixture.receive(#"{"event":"X","data":1e400"#, at: "2026-11-25T05:00:00.000Z", headers: #"{"a":"b"}"#)
        try fixture.folder.write(event(7, of: "acme").utf8, to: "spool/production/new/\(first).json")
        try fixture.receive(event(4, of: "acme"), at: "2026-11-25T06:00:00.000Z", .sandbox)
        try fixture.receive("[]", at: "2026-11-25T07:00:00.000Z", .sandbox)
        fixture.now = Timestamp("2026-11-26T02:00:00.000Z")!
        return fixture
    }
}

extension EventfulNight.Outcome {
    package init(of fixture: SweepFixture) throws {
        archive = try Tree(fixture.folder, "archive") { $0.hasPrefix("_index.sqlite") || $0 == "_sweep.lock" }
        spool = try Tree(fixture.folder, "spool") { $0 == "_sweep.lock" }
        index = try fixture.dumpIndex()
    }

    /// What sets two outcomes apart: a sentence each.
    package func differences(from other: Self) -> [String] {
        archive.differences(from: other.archive) + spool.differences(from: other.spool)
            + index.difference(from: other.index).map { "index: \($0)" }
    }
}
