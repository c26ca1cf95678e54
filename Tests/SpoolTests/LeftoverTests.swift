import Spool
import TestSupport
import Testing
import Webhooks

@Suite struct LeftoverTests {
    let fixture: SpoolFixture
    let now = Timestamp("2026-11-25T12:00:00.000Z")!
    /// Just younger than 36 hours, and just older.
    let ages = ["2026-11-24T00:00:00.000Z", "2026-11-23T23:59:59.999Z"]

    init() throws { fixture = try SpoolFixture() }

    /// What is gone at each of the two ages.
    private func isTaken(_ path: String, beside others: [String: String] = [:]) throws -> [Bool] {
        try ages.map { age in
            try fixture.write("{}", to: path, at: age)
            for (other, text) in others { try fixture.write(text, to: other, at: age) }
            try fixture.part.removeLeftovers(fixture.part.scan(), olderThan: 36 * 3_600_000, now: now)
            #expect(try Set(fixture.files).isSuperset(of: others.keys))
            return try !fixture.files.contains(path)
        }
    }

    @Test(arguments: [
        "tmp/a.json", "tmp/a.headers.json", "new/a.headers.json", "quarantine/a.headers.json", "tmp/.ready-1",
    ])
    func whatWasNeverAcknowledgedGoesAt36Hours(_ path: String) throws {
        #expect(try isTaken(path) == [false, true])
    }

    @Test func whatAKilledReasonLeftGoesAsWell() throws {
        #expect(try isTaken("quarantine/.a.reason.tmp") == [false, true])
    }

    @Test(arguments: [
        "new/a.json", "new/a", "new/.a.tmp", "quarantine/a.json", "tmp/.gitkeep", "new/.gitkeep", "new/a.reason",
    ])
    func whatWasAcknowledgedOrIsNotOursStays(_ path: String) throws {
        #expect(try isTaken(path) == [false, false])
    }

    @Test(arguments: ["new/a.json", "new/a"]) func aSidecarWithItsPayloadStays(_ payload: String) throws {
        #expect(try isTaken("new/a.headers.json", beside: [payload: "{}"]) == [false, false])
    }

    // However old: a rename leaves a file its time, and headers go before their payload, into quarantine and back.

    @Test func theSidecarOfAPayloadOnItsWayIntoQuarantineStays() throws {
        let others = [
            "quarantine/a.reason": #"{"name":"b","id":"a","time":"","sha256":"","size":1,"reason":""}"#, "new/b": "{}",
        ]
        #expect(try isTaken("quarantine/a.headers.json", beside: others) == [false, false])
    }

    @Test func theSidecarOfAPayloadOnItsWayBackStays() throws {
        let others = [
            "quarantine/a.reason": #"{"name":"b","id":"a","time":"","sha256":"","size":1,"reason":""}"#,
            "quarantine/a.json": "{}",
        ]
        #expect(try isTaken("new/b.headers.json", beside: others) == [false, false])
    }

    @Test func theReasonOfWhatWasReleasedGoes() throws {
        try fixture.write(
            #"{"name":"b","id":"a","time":"","sha256":"","size":1,"reason":""}"#, to: "quarantine/a.reason", at: ages[1]
        )
        try fixture.part.removeLeftovers(fixture.part.scan(), olderThan: 36 * 3_600_000, now: now)
        #expect(try fixture.files == [])
    }
}
