import Foundation
import TestSupport
import Testing

/// Kills sweeps at random moments. The next sweep must leave what a sweep leaves that was never killed.
@Suite struct KillTests {
    /// An archive that was swept before, and a spool that makes a sweep do all that a sweep does: new files, longer
    /// files, retries of now and of before, what cannot be read, a late day, days to seal.
    private func eventfulSpool() throws -> Workbench {
        let bench = try Workbench()
        func receive(_ numbers: Range<Int>, _ time: String) throws {
            for number in numbers {
                let note = String(repeating: "\(number) ", count: 300)
                let payload = #"{"event":"RECORD_CREATED","data":{"business_id":"b\#(number % 7)","note":"\#(note)"}}"#
                try bench.receive(payload, at: time, number % 5 == 0 ? "sandbox" : "production")
            }
        }
        try receive(0..<40, "2025-03-01T10:00:00Z")
        try bench.sweep()
        try receive(20..<80, "2025-03-02T10:00:00Z")
        try receive(70..<100, "2025-03-03T10:00:00Z")
        try receive(100..<110, "2025-03-01T23:00:00Z")
        for body in ["", "{", #"{"event":"RECORD_CREATED","data":{"a":1,"a":2}}"#] {
            try bench.receive(body, at: "2025-03-02T12:00:00Z")
        }
        return bench
    }

    private func copy(of bench: Workbench) throws -> Workbench {
        let copy = try Workbench()
        copy.folder.remove("spool")
        for part in ["spool", "archive"] { try copy.folder.copy(part, of: bench.folder) }
        return copy
    }

    @Test func anyNumberOfKillsLeavesTheSameArchive() throws {
        let rounds = isLong ? 100 : 25
        var random = SeededGenerator()
        let original = try eventfulSpool()

        let unharmed = try copy(of: original)
        let clock = ContinuousClock()
        let duration = try clock.measure { try unharmed.sweep() } / .seconds(1)
        // The longest wait before a kill, in seconds. It follows how fast sweeps are while the machine's load changes.
        var longest = duration
        try unharmed.verify()
        let wanted = try Tree(unharmed.folder, "archive") {
            !$0.hasPrefix("environment=") || !$0.hasSuffix(".ndjson.gz")
        }
        let quarantined = try unharmed.spooled("production", "quarantine")
        #expect(quarantined.count == 6)

        var interrupted = 0
        for round in 0..<rounds {
            let bench = try copy(of: original)
            for _ in 0..<2 {
                let sweep = try bench.start("\(buildFolder)/daybook", ["sweep"])
                Thread.sleep(forTimeInterval: longest * .random(in: 0...1.1, using: &random))
                sweep.send(SIGKILL)
                if try sweep.end().status == 128 + SIGKILL {
                    interrupted += 1
                    longest = min(duration, longest * 1.1)
                } else {
                    longest *= 0.7
                }
            }
            let last = try bench.daybook("sweep")
            #expect(last.status == 0, "round \(round): \(last.errors)")
            try bench.verify()
            let found = try Tree(bench.folder, "archive") {
                !$0.hasPrefix("environment=") || !$0.hasSuffix(".ndjson.gz")
            }
            #expect(found.differences(from: wanted) == [], "round \(round)")
            #expect(try bench.spooled() == [] && bench.spooled("sandbox") == [])
            #expect(try bench.spooled("production", "quarantine") == quarantined)
        }
        // Otherwise this would prove nothing.
        #expect(interrupted >= rounds / 2, "\(interrupted) of \(2 * rounds) were killed before they ended")
    }
}
