internal import Glibc

/// A system call on a file that failed: which, on what, why, and what mends it.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was tried, in a word that reads after "cannot".
    package enum Operation: String, Sendable {
        case create, open, read, write, sync, close, rename, link, remove, list, lock, inspect
        case makeFolder = "make the folder"
    }

    package let operation: Operation
    package let path: String
    /// The `errno` of the call (errno(3)).
    package let code: CInt

    package init(_ operation: Operation, _ path: String, code: CInt = errno) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    /// The disk or the quota is full.
    package var isOutOfSpace: Bool { code == ENOSPC || code == EDQUOT }

    package var description: String {
        let cause = "cannot \(operation.rawValue) \(path): \(String(cString: strerror(code)))"
        return remedy.map { "\(cause); \($0)" } ?? cause
    }

    private var remedy: String? {
        switch code {
        case ENOSPC, EDQUOT: "free space on its filesystem, then run this again"
        case EACCES, EPERM: "give this user access to it, or run as the user who owns it"
        case EROFS: "its filesystem is read-only: mount it writable"
        case EMFILE, ENFILE: "raise the limit on open files (ulimit -n)"
        case EXDEV: "put both folders on one filesystem"
        case ENOSYS: "this kernel does not tell whether it failed: use Linux 5.8 or later"
        case EIO: "the disk reports an error: look at the kernel's log before anything else"
        default: nil
        }
    }
}

/// Runs a system call again for as long as a signal interrupts it (signal(7), EINTR).
///
/// Not for close(2), whose descriptor is gone all the same, and not for fsync(2), whose second answer proves nothing.
func uninterrupted<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}
