internal import Synchronization

/// The memory that is left for keeping lines between the two passes of a sweep. Shared by the threads that read.
final class LineMemory: Sendable {
    private let left: Atomic<Int>

    /// The most memory for the lines of one batch, in bytes; its last line may go beyond it.
    static let batch = 1 << 20

    init(bytes: Int) { left = Atomic(bytes) }

    var isFull: Bool { left.load(ordering: .relaxed) <= 0 }

    /// Takes a number of bytes. Threads do not wait for one another, so together they may take one batch each too much.
    func take(_ bytes: Int) { left.wrappingSubtract(bytes, ordering: .relaxed) }
}
