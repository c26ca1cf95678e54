import Spool
import TestSupport
import Testing
import Webhooks

@Suite struct ClearingTests {
    let fixture: SpoolFixture
    let now = Timestamp("2026-11-25T12:00:00.000Z")!
    /// Times just less and just more than 36 hours ago.
    let ages = ["2026-11-24T00:00:00.000Z", "2026-11-23T23:59:59.999Z"]

    init() throws { fixture = try SpoolFixture() }

    /// Whether a file is removed at each of the two ages.
    private func isRemoved(_ path: String, beside others: [String: String] = [:]) throws -> [Bool] {
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
    func unacknowledgedFilesAreRemovedAfter36Hours(_ path: String) throws {
        #expect(try isRemoved(path) == [false, true])
    }

    @Test func anInterruptedReasonIsRemoved() throws {
        #expect(try isRemoved("quarantine/.a.reason.tmp") == [false, true])
    }

    @Test(arguments: [
        "new/a.json", "new/a", "new/.a.tmp", "quarantine/a.json", "tmp/.gitkeep", "new/.gitkeep", "new/a.reason",
    ])
    func acknowledgedAndForeignFilesAreKept(_ path: String) throws {
        #expect(try isRemoved(path) == [false, false])
    }

    @Test(arguments: ["new/a.json", "new/a"]) func aSidecarWithItsPayloadIsKept(_ payload: String) throws {
        #expect(try isRemoved("new/a.headers.json", beside: [payload: "{}"]) == [false, false])
    }

    // Age does not matter for the next ones: a rename keeps the modification time, and a sidecar moves before its
    // payload, into quarantine and back.

    @Test func aSidecarDuringAMoveIntoQuarantineIsKept() throws {
        let others = [
            "quarantine/a.reason": #"{"name":"b","id":"a","time":"","sha256":"","size":1,"reason":""}"#, "new/b": "{}",
        ]
        #expect(try isRemoved("quarantine/a.headers.json", beside: others) == [false, false])
    }

    @Test func aSidecarDuringAReleaseIsKept() throws {
        let others = [
            "quarantine/a.reason": #"{"name":"b","id":"a","time":"","sha256":"","size":1,"reason":""}"#,
            "quarantine/a.json": "{}",
        ]
        #expect(try isRemoved("new/b.headers.json", beside: others) == [false, false])
    }

    @Test func theReasonOfAReleasedDeliveryIsRemoved() throws {
        try fixture.write(
            #"{"name":"b","id":"a","time":"","sha256":"","size":1,"reason":""}"#, to: "quarantine/a.reason", at: ages[1]
        )
        try fixture.part.removeLeftovers(fixture.part.scan(), olderThan: 36 * 3_600_000, now: now)
        #expect(try fixture.files == [])
    }

    @Test func clearingRemovesOnlyThePayloadAndItsSidecar() throws {
        let id = "01970000-0000-7000-8000-000000000000"
        for name in [id, "01970000-0001-7000-8000-000000000000"] {
            try fixture.write("{}", to: "new/\(name).json")
            try fixture.write("{}", to: "new/\(name).headers.json")
        }
        let entries = try fixture.part.scan().entries
        try fixture.part.remove(entries[0])
        #expect(try fixture.files.map { $0.contains(id) } == [false, false])
        for entry in entries { try fixture.part.remove(entry) }
        #expect(try fixture.files == [])
    }
}
