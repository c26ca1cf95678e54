import Archive
import ArchiveIndex
import Batch
import SweepSupport
import TestSupport
import Testing
import Webhooks

/// Random deliveries, in random order, all end as archived, redelivered, or quarantined, and each event is archived once.
@Suite struct ConservationTests {
    @Test func everyDeliveryIsAccountedForOnItsDay() throws {
        var generator = SeededGenerator()
        var fixture = try SweepFixture()
        fixture.configuration.redeliveryWindow = 2 * 86_400_000
        var received: [String: Int] = [:]
        var bodies: Set<String> = []
        for day in 20...25 {
            fixture.now = Timestamp("2026-11-\(day + 1)T02:00:00.000Z")!
            for number in 0..<Int.random(in: 0..<12, using: &generator) {
                // Some are days late.
                let isLate = Int.random(in: 0..<5, using: &generator) == 0
                let date = "2026-11-\(isLate ? Int.random(in: 18...day, using: &generator) : day)"
                let hour = Int.random(in: 10...23, using: &generator)
                let environment = Environment.allCases.randomElement(using: &generator)!
                let body =
                    switch Int.random(in: 0..<6, using: &generator) {
                    case 0: "{"
                    case let kind:
                        #"{"event":"X","data":{"business_id":"\#(kind % 3)","n":\#(Int.random(in: 0..<4, using: &generator))}}"#
                    }
                try fixture.receive(
                    body, at: "\(date)T\(hour):00:00.\(number + 100)Z", environment, salt: UInt64(day * 100 + number))
                received["\(environment) \(date)", default: 0] += 1
                if body != "{" { bodies.insert("\(environment) \(body)") }
            }
            try fixture.sweep()
        }
        #expect(try fixture.entries(.production) + fixture.entries(.sandbox) == [])
        let days = try IndexDatabase.open(forReadingIn: fixture.archive).read { try $0.dayCounts() }
        #expect(
            Dictionary(uniqueKeysWithValues: days.map { ("\($0.environment) \($0.day)", $0.counts.received) })
                == received)
        #expect(days.allSatisfy { $0.counts.areConserved })
        // The archive holds what was received, and no id twice.
        var ids: [DeliveryID] = []
        var archived: Set<String> = []
        for path in try fixture.files where ArchivePath.parse(path)?.isLedger == false {
            for line in try fixture.lines(path) {
                let event = try EventLine(Array(line.utf8))
                ids.append(event.id)
                archived.insert("\(event.environment) \(String(decoding: event.payload, as: UTF8.self))")
            }
        }
        #expect(Set(ids).count == ids.count && archived == bodies)
        #expect(try fixture.findings() == [])
        let dump = try fixture.dumpIndex()
        fixture.removeIndex()
        try fixture.sweep()
        #expect(try fixture.dumpIndex() == dump)
    }
}
