import Parallel
import Synchronization
import Testing

@Suite struct PipelineTests {
    struct Broken: Error, Equatable { let number: Int }

    @Test(arguments: [1, 2, 7]) func takesInOrderWhateverIsMadeFirst(threads: Int) throws {
        var taken: [Int] = []
        try Pipeline(threads: threads).run(500) {
        } make: { _, number in
            // Some take longer than those after them.
            var sum = 0
            for step in 0..<(number % 5 == 0 ? 20_000 : 10) { sum &+= step }
            return number * 2 + (sum & 0)
        } take: { number, product in
            #expect(product == number * 2)
            taken.append(number)
        }
        #expect(taken == Array(0..<500))
    }

    @Test(arguments: [1, 2, 7]) func makesNothing(threads: Int) throws {
        try Pipeline(threads: threads).run(0) {
        } make: { _, number in
            number
        } take: { _, _ in
            Issue.record("there is nothing to take")
        }
    }

    /// What cannot be made is told in its turn: all before it was taken, and nothing after it.
    @Test(arguments: [1, 2, 7]) func tellsOfWhatCannotBeMadeInItsTurn(threads: Int) throws {
        var taken: [Int] = []
        #expect(throws: Broken(number: 40)) {
            try Pipeline(threads: threads).run(100) {
            } make: { _, number in
                guard number < 40 else { throw Broken(number: number) }
                return number
            } take: { number, _ in
                taken.append(number)
            }
        }
        #expect(taken == Array(0..<40))
    }

    @Test(arguments: [1, 2, 7]) func stopsWhenNothingMoreIsTaken(threads: Int) throws {
        let made = Atomic<Int>(0)
        #expect(throws: Broken(number: 3)) {
            try Pipeline(threads: threads).run(10_000) {
            } make: { _, number in
                made.wrappingAdd(1, ordering: .relaxed)
                return number
            } take: { number, _ in
                if number == 3 { throw Broken(number: number) }
            }
        }
        // Four taken, and four a thread ahead of them at most.
        #expect(made.load(ordering: .relaxed) <= 4 + 4 * threads)
    }

    /// However slowly things are taken, no more than a few wait.
    @Test func makesNoMoreThanAFewAhead() throws {
        let made = Atomic<Int>(0)
        try Pipeline(threads: 3).run(200) {
        } make: { _, number in
            made.wrappingAdd(1, ordering: .sequentiallyConsistent)
            return number
        } take: { number, _ in
            #expect(made.load(ordering: .sequentiallyConsistent) <= number + 1 + 12)
        }
    }

    /// A tool is one thread's own, so it need not bear being used by two.
    @Test func eachThreadHasAToolOfItsOwn() throws {
        final class Tool { var isUsed = false }
        let tools = Atomic<Int>(0)
        try Pipeline(threads: 4).run(2_000) {
            tools.wrappingAdd(1, ordering: .relaxed)
            return Tool()
        } make: { tool, number in
            precondition(!tool.isUsed)
            tool.isUsed = true
            defer { tool.isUsed = false }
            return number
        } take: { _, _ in
        }
        #expect(tools.load(ordering: .relaxed) == 4)
    }
}
