import Synchronization
import TestSupport
import Testing

@testable import Receiver

/// The free space is measured every 250 ms at most, and these tests take less. So what counts in between is what is promised.
@Suite struct FreeSpaceGuardTests {
    private static let megabyte = 1 << 20

    @Test func promisedSpaceCountsUntilItIsMeasured() {
        let free = FreeSpaceGuard(reserve: Self.megabyte) { 2 * Self.megabyte }
        // Each delivery takes its payload in whole blocks and two blocks more, so 100,000 bytes take 110,592.
        let accepted = (0..<20).count { _ in free.promise(100_000) }
        #expect(accepted == Self.megabyte / 110_592)
        #expect(!free.hasRoom(for: 100_000) && free.hasRoom(for: 1000) && !free.isLow)
        for _ in 0..<accepted { free.release(100_000) }
        #expect(!free.promise(100_000), "written deliveries count until the next measurement")
    }

    @Test func aMeasurementIncludesWhatIsWritten() async throws {
        let space = Atomic(2 * Self.megabyte)
        let free = FreeSpaceGuard(reserve: Self.megabyte) { space.load(ordering: .relaxed) }
        #expect(free.promise(900_000) && !free.promise(900_000))
        free.release(900_000)
        space.store(3 * Self.megabyte, ordering: .relaxed)
        try await eventually { free.promise(900_000) }
        // This one is still being written, so its space counts beyond every measurement.
        space.store(2 * Self.megabyte, ordering: .relaxed)
        try await eventually { free.free == 2 * Self.megabyte }
        #expect(!free.promise(900_000))
    }

    @Test func aReserveOfZeroTurnsItOff() {
        let free = FreeSpaceGuard(reserve: 0) { 0 }
        #expect(free.promise(1 << 30) && !free.isLow)
    }

    @Test func spaceThatCannotBeMeasuredIsNotLow() {
        struct Failed: Error {}
        let free = FreeSpaceGuard(reserve: 1) { throw Failed() }
        #expect(!free.isLow && free.promise(1) && free.free == nil)
    }
}
