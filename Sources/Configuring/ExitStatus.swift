/// How a program ended, for the shell and for cron: the codes of sysexits(3), and the same ones in both programs.
package enum ExitStatus: Int32, Sendable, CaseIterable {
    /// Done.
    case ok = 0
    /// The command line is wrong (EX_USAGE).
    case usage = 64
    /// The data is not as promised (EX_DATAERR).
    case data = 65
    /// There is no such thing (EX_NOINPUT).
    case noInput = 66
    /// Something that is needed is not to be had: an address to listen on, say (EX_UNAVAILABLE).
    case unavailable = 69
    /// A file or folder cannot be made (EX_CANTCREAT).
    case cantCreate = 73
    /// Reading or writing failed (EX_IOERR).
    case ioError = 74
    /// Not now, but later as it is: another sweep holds the lock (EX_TEMPFAIL).
    case temporary = 75
    /// The configuration is wrong, or was made for something else (EX_CONFIG).
    case configuration = 78
}

/// A program's end for a reason that its operator can do something about.
package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    package let status: ExitStatus
    /// One sentence, without the program's name: what, where, why, and what mends it.
    package let description: String

    package init(_ status: ExitStatus, _ sentence: String) {
        self.status = status
        description = sentence
    }
}
