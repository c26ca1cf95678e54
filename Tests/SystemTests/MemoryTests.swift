import Foundation
import TestSupport
import Testing

/// A sweep's memory does not grow with the spool.
@Suite struct MemoryTests {
    /// In kilobytes.
    private func peak(ofSweeping count: Int) throws -> Int {
        let bench = try Workbench()
        for number in 0..<count {
            let amount = "\(number).50"
            try bench.receive(
                #"{"event":"NEW_TRANSACTION_CREATED","data":{"business_id":"b\#(number % 50)","amount":\#(amount),"#
                    + #""narration":"\#(String(repeating: "\(number) ", count: 50))"}}"#,
                at: "2025-03-0\(1 + number * 9 / count)T10:00:00Z")
        }
        let result = try bench.daybook("sweep")
        #expect(result.errors.contains("sweep 1: \(count) received = \(count) archived"), "\(result.errors)")
        if count < 50_000 { try bench.verify() }
        return result.peakMemory
    }

    @Test func tenTimesTheSpoolIsNotTenTimesTheMemory() throws {
        let count = isLong ? 10_000 : 2000
        let (small, large) = (try peak(ofSweeping: count), try peak(ofSweeping: 10 * count))
        print("peak of sweeping \(count): \(small) kB, and of \(10 * count): \(large) kB")
        #expect(Double(large) <= 1.5 * Double(small))
    }
}
