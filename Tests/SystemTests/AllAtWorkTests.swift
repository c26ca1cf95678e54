import Dispatch
import Foundation
import Synchronization
import TestSupport
import Testing

/// Everything at once: senders, a receiver, two sweeps that want the same locks, a third that is killed, and readers.
///
/// Some seconds in a usual run, and minutes with `DAYBOOK_LONG=1`.
@Suite struct AllAtWorkTests {
    private let bench: Workbench
    private let seconds = isLong ? 180 : 8

    init() throws { bench = try Workbench() }

    /// Calls `body` over and over on a thread of its own, until the time is over.
    ///
    /// - Returns: how often it was called, once it is over.
    private func repeatedly(_ body: @escaping @Sendable () throws -> Void) -> Task<Int, any Error> {
        let end = ContinuousClock.now + .seconds(seconds)
        return Task.detached {
            try await withCheckedThrowingContinuation { continuation in
                Thread.detachNewThread {
                    var count = 0
                    continuation.resume(
                        with: Result {
                            while ContinuousClock.now < end {
                                try body()
                                count += 1
                            }
                            return count
                        })
                }
            }
        }
    }

    @Test func nothingIsLostOrDoubledUnderConcurrency() async throws {
        let bench = bench
        let receiver = try bench.receiver()
        let load = try bench.start(
            python, [script("load.py"), receiver.url, "\(seconds)", "16"])
        // The first makes the archive; until then, readers report that there is none.
        #expect(try bench.daybook("sweep").status == 0)

        let kills = Atomic<Int>(0)
        let sweeps = [0, 1].map { _ in
            repeatedly {
                let result = try bench.daybook("sweep")
                // 75: another has the lock.
                #expect([0, 75].contains(result.status), "\(result.errors)")
            }
        }
        let killed = repeatedly {
            let sweep = try bench.start("\(buildFolder)/daybook", ["sweep"])
            usleep(UInt32.random(in: 1000..<400_000))
            sweep.send(SIGKILL)
            if try sweep.end().status == 137 { kills.add(1, ordering: .relaxed) }
        }
        let verifications = repeatedly {
            let result = try bench.daybook("verify")
            #expect(result.status == 0, "\(result.text)\(result.errors)")
        }
        let reads = repeatedly {
            let result = try bench.sh("daybook events | tail -n 1 | jq -e '.data.event == \"RECORD_CREATED\"'")
            #expect(result.status == 0 || result.output.isEmpty, "\(result.text)\(result.errors)")
        }
        var counts: [Int] = []
        for task in sweeps + [killed, verifications, reads] { counts.append(try await task.value) }
        let sent = try load.end()
        #expect(sent.status == 0 && sent.errors == "", "\(sent.errors)")
        #expect(try receiver.stop().status == 0)

        // What nobody swept yet, in two runs: the first may have to finish what the kill left.
        try bench.sweep()
        try bench.sweep()
        #expect(try bench.spooled().filter { !$0.hasSuffix(".headers.json") } == [])
        #expect(try bench.spooled("sandbox") == [])
        try bench.verify()

        let account = try run(python, [script("account.py"), bench.folder("archive")], input: sent.output)
        #expect(account.status == 0, "\(account.errors)")
        let acknowledged = sent.lines.count
        #expect(account.text == "\(acknowledged) acknowledged, 0 unheard of\n")
        #expect(acknowledged > 100)
        print(
            """
            conservation: \(acknowledged) acknowledged in \(seconds) s beside \(counts[0] + counts[1]) sweeps, \
            \(kills.load(ordering: .relaxed)) killed ones, \(counts[3]) verifications and \(counts[4]) reads
            """)
    }
}
