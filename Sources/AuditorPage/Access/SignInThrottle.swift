internal import Synchronization
internal import Webhooks

/// Limits failed attempts to sign in. A token has 256 bits, so nobody guesses one; the limit keeps the log short and
/// the machine free for others.
///
/// An address may fail ``burst`` times, and then once every ``interval``; all addresses together ten times as often.
/// While an address is blocked, even its valid tokens are refused, and its attempts are not logged. Sessions that
/// exist already are not affected.
final class SignInThrottle: Sendable {
    private let buckets = Mutex(Buckets())

    static let burst = 10
    /// The time that clears one failure, in milliseconds.
    static let interval: Int64 = 6000
    private static let everyone = 10
    /// The number of addresses that are remembered. Beyond it, those without failures are forgotten, then all.
    private static let limit = 10_000

    private struct Buckets {
        var byAddress: [String: Bucket] = [:]
        var all = Bucket()
    }

    /// The failures that count against an address, which decay with time.
    private struct Bucket {
        /// The time until the failures are cleared, in milliseconds.
        var debt: Int64 = 0
        var since = Timestamp(milliseconds: 0)

        mutating func settle(_ now: Timestamp, rate: Int64) {
            debt = max(0, debt - max(0, now.milliseconds - since.milliseconds) * rate)
            since = now
        }
    }

    /// Returns for how many more seconds an address is blocked, or `nil` if it may try.
    func wait(_ address: String, at now: Timestamp) -> Int? {
        buckets.withLock { buckets in
            buckets.all.settle(now, rate: Int64(Self.everyone))
            var own = buckets.byAddress[address] ?? Bucket()
            own.settle(now, rate: 1)
            if buckets.byAddress[address] != nil { buckets.byAddress[address] = own.debt == 0 ? nil : own }
            let room = Int64(Self.burst - 1) * Self.interval
            let ownWait = own.debt - room
            let commonWait = (buckets.all.debt - room * Int64(Self.everyone)) / Int64(Self.everyone)
            let wait = max(ownWait, commonWait)
            return wait > 0 ? Int((wait + 999) / 1000) : nil
        }
    }

    func failed(_ address: String, at now: Timestamp) {
        buckets.withLock { buckets in
            if buckets.byAddress.count >= Self.limit {
                for address in buckets.byAddress.keys { buckets.byAddress[address]?.settle(now, rate: 1) }
                buckets.byAddress = buckets.byAddress.filter { $0.value.debt > 0 }
                if buckets.byAddress.count >= Self.limit { buckets.byAddress = [:] }
            }
            var own = buckets.byAddress[address] ?? Bucket(since: now)
            own.settle(now, rate: 1)
            own.debt += Self.interval
            buckets.byAddress[address] = own
            buckets.all.settle(now, rate: Int64(Self.everyone))
            buckets.all.debt += Self.interval
        }
    }
}
