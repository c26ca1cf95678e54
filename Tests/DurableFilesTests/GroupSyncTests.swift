import DurableFiles
import Foundation
import Synchronization
import Testing

@Suite struct GroupSyncTests {
    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
        func add() -> Int { value.add(1, ordering: .sequentiallyConsistent).newValue }
        var now: Int { value.load(ordering: .sequentiallyConsistent) }
    }

    private func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let threads = DispatchGroup()
        for number in 0..<count {
            threads.enter()
            Thread.detachNewThread {
                body(number)
                threads.leave()
            }
        }
        threads.wait()
    }

    @Test func aSingleCallerSyncsAtOnce() throws {
        let syncs = Counter()
        let group = GroupSync { () throws(FileError) in _ = syncs.add() }
        for number in 1...3 {
            try group()
            #expect(syncs.now == number)
        }
    }

    /// The sync begins after the call. Otherwise, the name of an acknowledged delivery could be lost.
    @Test func aCallerIsServedByASyncThatBeganLater() {
        let (done, begun) = (Counter(), Counter())
        let covered = Mutex<[Int]>([])
        let group = GroupSync { () throws(FileError) in
            let seen = done.now
            _ = begun.add()
            for _ in 0..<2000 { sched_yield() }
            covered.withLock { $0.append(seen) }
        }
        let late = Counter()
        onThreads(16) { _ in
            for _ in 0..<50 {
                let mine = done.add()
                try? group()
                if covered.withLock({ ($0.max() ?? 0) < mine }) { _ = late.add() }
            }
        }
        #expect(late.now == 0)
        // Many of the 800 calls share a sync, and each call waits for two syncs at most.
        #expect(begun.now < 800)
        #expect(begun.now >= 50)
    }

    @Test func onlyOneSyncRunsAtATime() {
        let running = Counter()
        let clashes = Counter()
        let group = GroupSync { () throws(FileError) in
            if running.add() != 1 { _ = clashes.add() }
            sched_yield()
            running.value.subtract(1, ordering: .sequentiallyConsistent)
        }
        onThreads(8) { _ in for _ in 0..<200 { try? group() } }
        #expect(clashes.now == 0)
    }

    /// And no caller gets the error of a sync that it did not share.
    @Test func allCallersOfAFailedSyncGetItsError() {
        let fault = FileError(.sync, "new", code: EIO)
        let syncs = Counter()
        let failed = Counter()
        let group = GroupSync { () throws(FileError) in
            let number = syncs.add()
            for _ in 0..<500 { sched_yield() }
            if number % 2 == 1 { throw fault }
        }
        #expect(throws: fault) { try group() }
        #expect(throws: Never.self) { try group() }
        let calls = 8 * 25
        onThreads(8) { _ in
            for _ in 0..<25 {
                do throws(FileError) { try group() } catch { _ = failed.add() }
            }
        }
        #expect(failed.now > 0)
        #expect(failed.now < calls)
    }
}
