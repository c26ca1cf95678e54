import Archive
import ArchiveIndex
import Batch
import Foundation
import SweepSupport
import TestSupport
import Testing
import Webhooks

/// Weeks of random deliveries, erasures and prunings. Whatever the order, everything that is left is proven, what was
/// erased is in no file, and a rebuilt index is the same.
@Suite struct ForgettingTests {
    private static var isLong: Bool { ProcessInfo.processInfo.environment["DAYBOOK_LONG"] == "1" }

    @Test func randomWeeks() throws {
        for _ in 0..<(Self.isLong ? 40 : 4) {
            var generator = SeededGenerator()
            var weeks = try Weeks(&generator)
            try weeks.run(&generator)
        }
    }

    private struct Weeks {
        private var fixture: SweepFixture
        /// The secrets of all events by id, and those that were erased.
        private var secrets: [DeliveryID: String] = [:]
        private var erased: Set<DeliveryID> = []
        private var prunedBefore = 0

        init(_ generator: inout SeededGenerator) throws {
            fixture = try SweepFixture()
            fixture.configuration.idHeader = "webhook-id"
            fixture.configuration.redeliveryWindow = 3 * 86_400_000
        }

        private static func day(_ number: Int) -> CivilDate { CivilDate(daysSinceEpoch: 20_700 + number) }

        mutating func run(_ generator: inout SeededGenerator) throws {
            for day in 0..<14 {
                try receive(on: day, &generator)
                fixture.now = Timestamp("\(Self.day(day + 1))T02:00:00.000Z")!
                try fixture.sweep()
                if Bool.random(using: &generator) { try erase(&generator) }
                if Int.random(in: 0..<4, using: &generator) == 0 { try prune(on: day, &generator) }
                try check("on day \(day)")
            }
        }

        private mutating func receive(on day: Int, _ generator: inout SeededGenerator) throws {
            for number in 0..<Int.random(in: 1...12, using: &generator) {
                let business = ["acme", "beta", "a b", nil].randomElement(using: &generator) ?? nil
                let environment = Environment.allCases.randomElement(using: &generator) ?? .production
                let name = business.map { #""business_id":"\#($0)","# } ?? ""
                let secret = "secret-\(day)-\(number)-x"
                let late = prunedBefore < day && Int.random(in: 0..<5, using: &generator) == 0 ? 1 : 0
                let payload = #"{"event":"X","data":{\#(name)"s":"\#(secret)"}}"#
                let headers = #"{"webhook-id":"\#(Int.random(in: 0..<40, using: &generator))"}"#
                let time = "\(Self.day(day - late))T\(10 + number % 10):0\(number / 10):00.000Z"
                let id = try fixture.receive(payload, at: time, environment, headers: headers)
                secrets[id] = secret
            }
        }

        private mutating func erase(_ generator: inout SeededGenerator) throws {
            let index = try IndexDatabase.open(forReadingIn: fixture.archive)
            if Int.random(in: 0..<4, using: &generator) == 0 {
                let first = Int.random(in: 0..<14, using: &generator)
                let selection = Selection(business: .named("acme"), from: Self.day(first), to: Self.day(first + 2))
                guard (try? fixture.erase(.business(selection))) != nil else { return }
            } else {
                var ids: [DeliveryID] = []
                for id in secrets.keys.sorted().shuffled(using: &generator).prefix(4) {
                    let lines = try index.read { try $0.lines(holding: id) }
                    let isThere = try index.read { snapshot in
                        try lines.contains { try snapshot.tombstone(ofLine: $0.line, in: $0.archive) == nil }
                    }
                    if isThere { ids.append(id) }
                }
                guard !ids.isEmpty else { return }
                try fixture.erase(.events(ids, nil))
            }
        }

        private mutating func prune(on day: Int, _ generator: inout SeededGenerator) throws {
            let before = day - 3 - Int.random(in: 0...2, using: &generator)
            guard before > 0, (try? fixture.prune(before: Self.day(before).description)) != nil else { return }
            prunedBefore = before
        }

        private mutating func check(_ place: String) throws {
            #expect(try fixture.findings() == [], "\(place)")
            let before = try fixture.dumpIndex()
            #expect(try fixture.differencesAfterRebuild() == [], "\(place)")
            #expect(try fixture.dumpIndex() == before, "\(place)")
            let index = try IndexDatabase.open(forReadingIn: fixture.archive)
            let text = try fixture.allText()
            for (id, secret) in secrets {
                let lines = try index.read { try $0.lines(holding: id) }
                let gone = try index.read { snapshot in
                    try lines.filter { try snapshot.tombstone(ofLine: $0.line, in: $0.archive) != nil }.count
                }
                if gone > 0 { #expect(!text.contains(secret), "\(place): \(id) was erased") }
                if !lines.isEmpty, gone == 0 { #expect(text.contains(secret), "\(place): \(id) was not erased") }
            }
        }
    }
}
