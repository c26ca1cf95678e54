import TestSupport
import Testing
import Webhooks

@testable import Replay

struct RetryTests {
    @Test func delaysDoubleUpToTheLongest() {
        var generator = SeededGenerator("delays of retries")
        var policy = RetryPolicy()
        policy.longestDelay = .seconds(4)
        for (attempt, full) in [(1, 0.5), (2, 1), (3, 2), (4, 4), (5, 4), (80, 4)] {
            for _ in 0..<100 {
                let delay = policy.delay(afterAttempt: attempt, using: &generator) / .seconds(1)
                #expect((full / 2...full).contains(delay), "attempt \(attempt)")
            }
        }
    }

    @Test func targetsMayAskForMore() {
        var generator = SeededGenerator("asked delays")
        let policy = RetryPolicy()
        #expect(policy.delay(afterAttempt: 1, asked: .seconds(20), using: &generator) == .seconds(20))
        #expect(policy.delay(afterAttempt: 1, asked: .seconds(1_000_000), using: &generator) == .seconds(3600))
        #expect(policy.delay(afterAttempt: 1, asked: .zero, using: &generator) >= .milliseconds(250))
    }

    @Test(arguments: [
        ("120", 120), ("0", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 37), ("Sun, 06 Nov 1994 08:48:00 GMT", 0),
        ("-1", nil), ("soon", nil), ("", nil), ("Sunday, 06-Nov-94 08:49:37 GMT", nil),
    ])
    func retryAfter(header: String, seconds: Int?) throws {
        let now = try #require(Timestamp("1994-11-06T08:49:00.000Z"))
        #expect(HTTPTarget.wait(header, now) == seconds.map { .seconds($0) })
    }
}
