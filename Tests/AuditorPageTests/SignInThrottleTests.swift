import SweepSupport
import Testing

@testable import AuditorPage

@Suite struct SignInThrottleTests {
    let throttle = SignInThrottle()
    let clock = TestClock()

    @Test func anAddressIsBlockedAfterFailuresAndReleased() {
        for _ in 0..<SignInThrottle.burst {
            #expect(throttle.wait("192.0.2.7", at: clock.now) == nil)
            throttle.failed("192.0.2.7", at: clock.now)
        }
        let wait = throttle.wait("192.0.2.7", at: clock.now)
        #expect(wait == 6)
        #expect(throttle.wait("192.0.2.8", at: clock.now) == nil)
        clock.advance(seconds: wait ?? 0)
        #expect(throttle.wait("192.0.2.7", at: clock.now) == nil)
    }

    @Test func manyAddressesTogetherAreBlocked() {
        var taken = 0
        for number in 0..<1000 where throttle.wait("192.0.2.\(number)", at: clock.now) == nil {
            throttle.failed("192.0.2.\(number)", at: clock.now)
            taken += 1
        }
        #expect((90...101).contains(taken))
    }
}
