internal import Glibc

/// Repeats a system call for as long as a signal interrupts it (signal(7), EINTR).
///
/// Not for close(2), which releases the descriptor even if it is interrupted, and not for fsync(2), whose second call
/// may succeed although a write was lost.
func uninterrupted<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}
