import TestSupport
import Testing

/// A body that cannot become an event: seen, decided on, and gone into the ledger.
@Suite struct QuarantineTests {
    private struct Entry: Decodable {
        let id, environment, reason, state: String
        let size: Int
        let at: Int?
        let by: String?
    }

    private func list(_ arguments: String = "", _ bench: Workbench) throws -> [Entry] {
        try bench.sh("daybook quarantine list --json \(arguments)").json()
    }

    @Test func shownReleasedAndDiscarded() throws {
        try withWorkbench { bench in
            let cut = #"{"event":"RECORD_CREATED","data":{"business_id":"acme""#
            let twice = #"{"event":"RECORD_CREATED","data":{"a":1,"a":2}}"#
            let first = try bench.receive(cut)
            let second = try bench.receive(twice)
            #expect(try bench.sweep().quarantined == 2)
            #expect(try bench.spooled("production", "quarantine").count == 4)

            let held = try list("", bench)
            #expect(held.map(\.id) == [first, second] && held.allSatisfy { $0.state == "held" })
            #expect(held[0].at == cut.utf8.count && held[0].size == cut.utf8.count && held[1].at != nil)
            let shown = try bench.daybook("quarantine", "show", first)
            #expect(shown.status == 0 && shown.text == cut)
            #expect(
                shown.errors.contains("held: \(held[0].reason)") && shown.errors.contains("at byte \(cut.utf8.count)"))

            // The next sweep decides as before, since the bytes are the same.
            let released = try bench.daybook("quarantine", "release", "--by", "ada", first)
            #expect(released.status == 0 && released.errors == "1 released; the next sweep takes them\n")
            #expect(try bench.spooled() == ["\(first).json"])
            #expect(try bench.daybook("quarantine", "release", first).status == 66)
            try bench.verify()
            #expect(try bench.sweep().quarantined == 1)
            #expect(try list("", bench).map(\.id).sorted() == [first, second])

            #expect(try bench.daybook("quarantine", "discard", "--by", "ada", first, second).status == 0)
            #expect(try list("", bench).isEmpty)
            #expect(try bench.spooled("production", "quarantine") == [])
            let all = try list("--all", bench)
            #expect(all.map(\.state).sorted() == ["discarded", "discarded", "released"])
            #expect(all.allSatisfy { $0.by == "ada" })
            #expect(try bench.daybook("quarantine", "discard", first).status == 66)
            #expect(try bench.daybook("reindex").status == 0)
            #expect(try list("--all", bench).map(\.state).sorted() == ["discarded", "discarded", "released"])
        }
    }

    /// What was quarantined for a rule that has changed since becomes an event, with the id and day of its receipt.
    @Test func releasedIntoAnArchive() throws {
        try withWorkbench { bench in
            let payload = #"{"event":"RECORD_CREATED","data":{"business_id":"acme","id":"r1"}}"#
            let other = #"{"event":"RECORD_DELETED","data":{"business_id":"acme"}}"#
            let first = try bench.receive(payload)
            try bench.sweep()
            // The same id with other bytes.
            try bench.folder.write(other.utf8, to: "spool/production/new/\(first).json")
            #expect(try bench.sweep().quarantined == 1)
            let held = try list("", bench)
            #expect(held.first?.reason.contains("id-reused") == true, "\(held)")
            // Under the same id it is quarantined again, which the release says.
            let released = try bench.daybook("quarantine", "release", held[0].id)
            #expect(
                released.status == 0 && released.errors.contains("the next sweep will quarantine \(held[0].id) again"))
            #expect(released.errors.contains("daybook quarantine release --new-id"))
            #expect(try bench.sweep().quarantined == 1)
            let renamed = try bench.daybook("quarantine", "release", "--new-id", held[0].id)
            #expect(
                renamed.status == 0 && renamed.errors == "1 released; the next sweep takes them\n", "\(renamed.errors)")
            let report = try bench.sweep()
            #expect(report.archived == 1 && report.quarantined == 0)
            try bench.verify()
        }
    }
}
