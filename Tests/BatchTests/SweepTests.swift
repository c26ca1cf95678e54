import Archive
import Batch
import Foundation
import Spool
import SweepSupport
import TestSupport
import Testing
import Webhooks

@Suite struct SweepTests {
    var fixture: SweepFixture

    init() throws { fixture = try SweepFixture() }

    @Test func anEventBecomesALineOfItsBusinessAndDay() throws {
        let payload = #"{"event":"NEW_TRANSACTION_CREATED","data":{"business_id":"acme","amount":-250.00}}"#
        let id = try fixture.receive(payload, at: "2026-11-24T21:14:48.704Z")
        let report = try fixture.sweep()
        #expect(report.total.archived == 1)
        let hash = ContentHash(of: Array(payload.utf8))
        #expect(
            try fixture.lines(SweepFixture.archivePath("acme", "2026-11-24")) == [
                #"{"specversion":"1.0","id":"\#(id)","source":"/lehjah/production","type":"NEW_TRANSACTION_CREATED","#
                    + #""subject":"acme","time":"2026-11-24T21:14:48.704Z","datacontenttype":"application/json","#
                    + #""sha256":"\#(hash)","pointer":"/data/business_id","data":\#(payload)}"#
            ])
        #expect(try fixture.entries().isEmpty)
        #expect(report.sealed.count == 1)
        #expect(try fixture.findings() == [])
    }

    @Test func everyTypeOfBothEnvironmentsIsArchivedOnce() throws {
        func payload(_ type: String, _ environment: Environment) -> String {
            #"{ "event": "\#(type)", "data": { "business_id": "acme", "from": "\#(environment)" } }"#
        }
        for (minute, type) in EventType.knownNames.enumerated() {
            for environment in Environment.allCases {
                try fixture.receive(
                    payload(type, environment), at: "2026-11-24T10:\(minute + 10):00.000Z", environment)
            }
        }
        for type in EventType.knownNames.prefix(5) {
            try fixture.receive(payload(type, .sandbox), at: "2026-11-24T11:00:00.000Z", .sandbox)
        }
        #expect(try fixture.counts() == [26, 5, 0])
        for environment in Environment.allCases {
            let events = try fixture.events("acme", "2026-11-24", environment)
            #expect(events.map(\.type) == EventType.knownNames)
            #expect(events.allSatisfy { $0.environment == environment && $0.business == Business("acme") })
            #expect(
                events.map { String(decoding: $0.payload, as: UTF8.self) }
                    == EventType.knownNames.map { payload($0, environment) })
        }
        #expect(try fixture.files.count == 3)
        #expect(try fixture.findings() == [])
    }

    @Test(arguments: ["PAYOUT_SETTLED", "a.b-c/d", "événement", "x y", "\\ud83d\\ude00", "new_business"])
    func anUnknownTypeIsArchivedLikeAnyOther(_ type: String) throws {
        try fixture.receive(#"{"event":"\#(type)","data":{"business_id":"acme"}}"#, at: "2026-11-24T10:00:00.000Z")
        #expect(try fixture.counts() == [1, 0, 0])
        let expected = type.hasPrefix("\\") ? "😀" : type
        #expect(try fixture.events("acme", "2026-11-24").map(\.type) == [expected])
    }

    @Test(arguments: [
        #""data":null"#, #""data":[1,[2]]"#, #""other":1"#, #""data":"text""#, #""data":{"business_id":null}"#,
        #""data":{"business_id":""}"#, #""data":{"business_id":{}}"#, #""data":{"id":"tx_1"}"#,
    ])
    func anEventWithoutABusinessIsUnassigned(_ rest: String) throws {
        try fixture.receive(#"{"event":"RECORD_CREATED",\#(rest)}"#, at: "2026-11-24T10:00:00.000Z")
        #expect(try fixture.counts() == [1, 0, 0])
        let event = try fixture.events(nil, "2026-11-24")[0]
        #expect(event.business == .unassigned && event.pointer == nil)
        #expect(try fixture.findings() == [])
    }

    /// Names that senders may choose, and hostile ones.
    @Test func hostileNamesStayApartAndInTheirFolders() throws {
        let names = [
            "../x", "a/b", "..", ".", "_unassigned", "_ledger", "ABC", "abc", "Caf\u{e9}", "Cafe\u{301}", "day=1",
            String(repeating: "x", count: 300), String(repeating: "x", count: 301), "a b", "%2E%2E", "~", "😀", "-rf",
        ]
        for (second, name) in names.enumerated() {
            try fixture.receive(
                #"{"event":"X","data":{"business_id":"\#(name)"}}"#, at: "2026-11-24T10:00:\(second + 10).000Z")
        }
        #expect(try fixture.counts() == [names.count, 0, 0])
        #expect(try fixture.files.count == names.count)
        for name in names {
            let event = try fixture.events(name, "2026-11-24")
            #expect(event.count == 1 && event[0].business.name?.utf8.elementsEqual(name.utf8) == true)
        }
        #expect(try fixture.folder.files(below: "").allSatisfy { $0.hasPrefix("archive/") || $0.hasPrefix("spool/") })
        #expect(try fixture.findings() == [])
    }

    @Test(arguments: ["9007199254740993", "1e400", "-0.0", "123456789012345678901234567890.10", "1E+2"])
    func numbersKeepTheirDigits(_ number: String) throws {
        let payload = #"{"event":"X","data":{"business_id":\#(number),"n":[\#(number)]}}"#
        try fixture.receive(payload, at: "2026-11-24T10:00:00.000Z")
        #expect(try fixture.counts() == [1, 0, 0])
        #expect(try fixture.events(number, "2026-11-24")[0].payload == Array(payload.utf8))
    }

    @Test func prettyPrintedPayloadsAreRestoredExactly() throws {
        let payload = "\r\n{\n\t\"event\": \"X\",\r\n\t\"data\": { \"business_id\": \"acme\" }\n}\n"
        try fixture.receive(payload, at: "2026-11-24T10:00:00.000Z")
        try fixture.sweep()
        #expect(try fixture.events("acme", "2026-11-24")[0].payload == Array(payload.utf8))
        #expect(try fixture.findings() == [])
    }

    @Test func linesAreInTheOrderOfReceiptWithinASweep() throws {
        let times = ["10:00:00.002", "10:00:00.001", "23:59:59.999", "00:00:00.000"]
        for (number, time) in times.enumerated() {
            try fixture.receive(
                #"{"event":"X","data":{"business_id":"a","n":\#(number)}}"#, at: "2026-11-24T\(time)Z")
        }
        try fixture.sweep()
        try fixture.receive(#"{"event":"X","data":{"business_id":"a","late":1}}"#, at: "2026-11-24T00:00:00.000Z")
        try fixture.sweep()
        #expect(
            try fixture.events("a", "2026-11-24").map { String($0.time.description.dropFirst(11).dropLast()) }
                == ["00:00:00.000", "10:00:00.001", "10:00:00.002", "23:59:59.999", "00:00:00.000"])
    }

    @Test func theDayIsComputedInTheArchivesTimeZone() throws {
        var fixture = fixture
        fixture.configuration.timeZone = "Africa/Lagos"
        try fixture.receive(#"{"event":"X","data":{"business_id":"a"}}"#, at: "2026-11-23T23:00:00.000Z")
        let report = try fixture.sweep()
        #expect(try fixture.files == [SweepFixture.archivePath("a", "2026-11-24")])
        #expect(report.records.first?.days.map(\.day) == ["2026-11-24"])
        fixture.configuration.timeZone = "UTC"
        #expect(throws: ArchiveError.self) { try fixture.sweep() }
        #expect(try fixture.findings() == [])
    }

    @Test func aDroppedFileIsReceivedAtItsModificationTime() throws {
        try fixture.drop(
            #"{"event":"X","data":{"business_id":"a"}}"#, as: "from a backup", at: "2019-02-28T23:59:59.999Z")
        try fixture.sweep()
        let event = try fixture.events("a", "2019-02-28")[0]
        #expect(event.time.description == "2019-02-28T23:59:59.999Z" && event.id.version == 8)
        #expect(try fixture.findings() == [])
    }

    @Test(arguments: ["from a backup", nil]) func aFileThatIsPutBackIsClearedAndNotCounted(_ name: String?) throws {
        let payload = #"{"event":"X","data":{"business_id":"a"}}"#
        for day in 24...25 {
            if let name {
                try fixture.drop(payload, as: name, at: "2026-11-\(day)T10:00:00.000Z")
            } else {
                try fixture.receive(payload, at: "2026-11-24T10:00:00.000Z")
            }
            #expect(try fixture.counts() == (day == 24 ? [1, 0, 0] : [0, 0, 0]))
            #expect(try fixture.entries() == [])
        }
        #expect(try fixture.files.count == 1)
        #expect(try fixture.findings() == [])
    }

    @Test func anEmptySpoolIsNotASweep() throws {
        let report = try fixture.sweep()
        #expect(report.records.isEmpty && report.pending == 0 && report.sealed.isEmpty)
        #expect(try fixture.archive.recordedSweeps() == [])
        #expect(try fixture.findings() == [])
    }

    @Test func otherFilesAreReportedAndStay() throws {
        try fixture.folder.write([], to: "spool/production/new/folder/file")
        try fixture.receive("{}", at: "2026-11-24T10:00:00.000Z")
        let report = try fixture.sweep()
        #expect(report.odd.count == 1 && report.total.quarantined == 1)
        #expect(try fixture.entries() == ["folder/file"])
    }

    @Test func neitherTodayNorADayWithEntriesInTheSpoolIsSealed() throws {
        let event = #"{"event":"X","data":{"business_id":"a"}}"#
        try fixture.receive(event, at: "2026-11-25T01:00:00.000Z")
        try fixture.receive(event, at: "2026-11-10T01:00:00.000Z", .sandbox)
        let first = try fixture.sweep { point in
            // One more arrives for that day while the sweep runs.
            guard point == .committed else { return }
            try fixture.drop("{}", as: "late", at: "2026-11-10T05:00:00.000Z", .sandbox)
        }
        #expect(first.sealed.isEmpty && first.pending == 1)
        #expect(try fixture.sweep().sealed.map(\.path) == ["_seals/2026-11-10.sha256"])
        #expect(try fixture.findings() == [])
    }

    // MARK: - The report

    @Test func theCountsOfTheSummaryAddUp() throws {
        try fixture.receive(#"{"event":"X","data":{"business_id":"a"}}"#, at: "2026-11-23T23:00:00.000Z")
        try fixture.receive(#"{"event":"X","data":{"business_id":"a"}}"#, at: "2026-11-24T00:00:00.000Z")
        try fixture.receive("[]", at: "2026-11-24T01:00:00.000Z", .sandbox)
        let summary = try fixture.sweep().summary
        let bytes = try fixture.files.reduce(0) { try $0 + fixture.folder.read("archive/\($1)").count }
        #expect(summary.steps?.count == Sweep.Step.allCases.count && summary.steps!.values.allSatisfy { $0 >= 0 })
        // The numbers are rounded to milliseconds.
        #expect(abs(summary.seconds! - summary.steps!.values.reduce(0, +)) < 0.01)
        let expected = """
            {"archived":1,"blocked":[],"bytes":82,"commits":1,"compressed":\(bytes),"days":[
            {"archived":1,"bytes":40,"day":"2026-11-23","environment":"production","quarantined":0,"received":1,"redelivered":0},
            {"archived":0,"bytes":40,"day":"2026-11-24","environment":"production","quarantined":0,"received":1,"redelivered":1},
            {"archived":0,"bytes":2,"day":"2026-11-24","environment":"sandbox","quarantined":1,"received":1,"redelivered":0}
            ],"pending":0,"quarantined":1,"received":3,"recovered":null,"redelivered":1,"sweep":1}
            """
        let encoded = try Array(JSONEncoder().encode(summary))
        #expect(
            try run("jq", ["-cS", "del(.seconds, .steps)"], input: encoded).text
                == expected.replacingOccurrences(of: "\n", with: "") + "\n")
    }
}
