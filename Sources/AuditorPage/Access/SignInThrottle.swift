internal import Synchronization
internal import Webhooks

/// Slows down who tries tokens. Nobody guesses 256 bits: it keeps the log short, and the machine free for others.
///
/// An address may fail ``burst`` times, and then once every ``interval``; all addresses together ten times as often.
/// While an address is held, its right tokens are refused, too, and none of its tries is put on record. Who is signed in
/// already is not held.
final class SignInThrottle: Sendable {
    private let buckets = Mutex(Buckets())

    static let burst = 10
    /// In milliseconds.
    static let interval: Int64 = 6000
    private static let everyone = 10
    /// Addresses remembered. Beyond it, those that have nothing held against them are forgotten, then all.
    private static let limit = 10_000

    private struct Buckets {
        var byAddress: [String: Bucket] = [:]
        var all = Bucket()
    }

    /// How many failures are held against one, fractions of ``interval`` counted in.
    private struct Bucket {
        /// In milliseconds of waiting.
        var debt: Int64 = 0
        var since = Timestamp(milliseconds: 0)

        mutating func settle(_ now: Timestamp, rate: Int64) {
            debt = max(0, debt - max(0, now.milliseconds - since.milliseconds) * rate)
            since = now
        }
    }

    /// For how many seconds more an address is held; nil where it may try.
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
