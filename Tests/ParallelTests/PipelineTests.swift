import Parallel
import Synchronization
import Testing

@Suite struct PipelineTests {
    struct Broken: Error, Equatable { let number: Int }

    @Test(arguments: [1, 2, 7]) func consumesInOrder(threads: Int) throws {
        var consumed: [Int] = []
        try Pipeline(threads: threads).run(500) {
        } produce: { _, number in
            // Some products need more time than the next ones.
            var sum = 0
            for step in 0..<(number % 5 == 0 ? 20_000 : 10) { sum &+= step }
            return number * 2 + (sum & 0)
        } consume: { number, product in
            #expect(product == number * 2)
            consumed.append(number)
        }
        #expect(consumed == Array(0..<500))
    }

    @Test(arguments: [1, 2, 7]) func producesNothing(threads: Int) throws {
        try Pipeline(threads: threads).run(0) {
        } produce: { _, number in
            number
        } consume: { _, _ in
            Issue.record("there is nothing to consume")
        }
    }

    /// All products before the failed one are consumed, and none after it.
    @Test(arguments: [1, 2, 7]) func throwsAnErrorOfAProducerInItsTurn(threads: Int) throws {
        var consumed: [Int] = []
        #expect(throws: Broken(number: 40)) {
            try Pipeline(threads: threads).run(100) {
            } produce: { _, number in
                guard number < 40 else { throw Broken(number: number) }
                return number
            } consume: { number, _ in
                consumed.append(number)
            }
        }
        #expect(consumed == Array(0..<40))
    }

    @Test(arguments: [1, 2, 7]) func stopsWhenTheConsumerFails(threads: Int) throws {
        let produced = Atomic<Int>(0)
        #expect(throws: Broken(number: 3)) {
            try Pipeline(threads: threads).run(10_000) {
            } produce: { _, number in
                produced.wrappingAdd(1, ordering: .relaxed)
                return number
            } consume: { number, _ in
                if number == 3 { throw Broken(number: number) }
            }
        }
        // Four products are consumed, and each thread is at most four ahead.
        #expect(produced.load(ordering: .relaxed) <= 4 + 4 * threads)
    }

    /// Only a few products wait, however slow the consumer is.
    @Test func producesOnlyAFewProductsAhead() throws {
        let produced = Atomic<Int>(0)
        try Pipeline(threads: 3).run(200) {
        } produce: { _, number in
            produced.wrappingAdd(1, ordering: .sequentiallyConsistent)
            return number
        } consume: { number, _ in
            #expect(produced.load(ordering: .sequentiallyConsistent) <= number + 1 + 12)
        }
    }

    /// Only one thread uses a tool, so it does not need to be thread-safe.
    @Test func eachThreadHasItsOwnTool() throws {
        final class Tool { var isUsed = false }
        let tools = Atomic<Int>(0)
        try Pipeline(threads: 4).run(2_000) {
            tools.wrappingAdd(1, ordering: .relaxed)
            return Tool()
        } produce: { tool, number in
            precondition(!tool.isUsed)
            tool.isUsed = true
            defer { tool.isUsed = false }
            return number
        } consume: { _, _ in
        }
        #expect(tools.load(ordering: .relaxed) == 4)
    }
}
