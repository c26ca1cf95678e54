package import DurableFiles

/// How many entries could not be read, and why the first of them could not. They are still in the spool.
package struct UnreadableEntries: Sendable {
    package private(set) var count = 0
    package private(set) var first: FileError?

    mutating func add(_ error: FileError) {
        count += 1
        first = first ?? error
    }

    static func += (sum: inout Self, other: Self) {
        sum.count += other.count
        sum.first = sum.first ?? other.first
    }
}
