import Batch
import SweepSupport
import Testing

/// What a sweep writes depends on the spool and the archive alone.
@Suite struct ThreadsTests {
    /// Compares every byte, with lines that are kept between the two passes and lines that are made twice.
    @Test(arguments: [1, 2, 5], [0, 2000, 64 << 20]) func threadsAndMemoryDoNotChangeTheResult(
        threads: Int, lineMemory: Int
    ) throws {
        let night = try EventfulNight.shared.get()
        var fixture = try SweepFixture(copyOf: night.eve)
        fixture.configuration.threads = threads
        fixture.configuration.memory = lineMemory
        var points: [Sweep.Point] = []
        try fixture.sweep { points.append($0) }
        #expect(try EventfulNight.Outcome(of: fixture).differences(from: night.dawn) == [])
        #expect(points == night.points)
    }

    /// With hundreds of files and thousands of deliveries, the threads do run at the same time.
    @Test func manyFilesAreTheSameOnManyThreads() throws {
        var eve = try SweepFixture()
        try eve.sweep()
        for number in 0..<3000 {
            let time =
                "2026-11-24T\(10 + number / 600):\(10 + number / 60 % 10):\(10 + number % 60 * 4 / 5).\(100 + number % 7)Z"
            // One in ten repeats an earlier one.
            let event = number % 10 == 9 ? number - 9 : number
            try eve.receive(
                #"{"event":"RECORD_CREATED","data":{"business_id":"b\#(event % 300)","n":\#(event)}}"#, at: time,
                salt: UInt64(number))
        }
        eve.configuration.threads = 1
        let alone = try SweepFixture(copyOf: eve)
        try alone.sweep()
        let dawn = try EventfulNight.Outcome(of: alone)
        for threads in [2, 8] {
            var fixture = try SweepFixture(copyOf: eve)
            fixture.configuration.threads = threads
            try fixture.sweep()
            #expect(try EventfulNight.Outcome(of: fixture).differences(from: dawn) == [], "\(threads) threads")
        }
    }
}
