internal import Glibc

/// A failed system call on a file: the operation, the path, the cause, and a remedy if there is one.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The failed operation, as a verb that follows "cannot".
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

    /// Whether the disk or the user's quota is full.
    package var isOutOfSpace: Bool { code == ENOSPC || code == EDQUOT }

    /// Whether one file could not be read, and others probably can: it is missing or damaged, or this user may not read it.
    ///
    /// A failure to write is never of one file: what it left on the disk is unknown.
    package var isOfReading: Bool {
        [.open, .read, .inspect].contains(operation) && [EIO, EACCES, EPERM, ELOOP, EISDIR, ENOENT].contains(code)
    }

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
        case ENOSYS: "this kernel does not report failed writes: use Linux 5.8 or later"
        case EIO: "the disk reports an error: check the kernel log first"
        default: nil
        }
    }
}
