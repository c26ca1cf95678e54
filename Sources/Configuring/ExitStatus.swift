/// The exit status of both programs, for the shell and for cron. The codes are those of sysexits(3).
package enum ExitStatus: Int32, Sendable, CaseIterable {
    /// The command succeeded.
    case ok = 0
    /// The command line is wrong (EX_USAGE).
    case usage = 64
    /// The data is not as promised (EX_DATAERR).
    case data = 65
    /// The archive, spool, business, or event does not exist (EX_NOINPUT).
    case noInput = 66
    /// Something that is needed is unavailable, for example the address to listen on (EX_UNAVAILABLE).
    case unavailable = 69
    /// A file or folder cannot be created (EX_CANTCREAT).
    case cantCreate = 73
    /// Reading or writing failed (EX_IOERR).
    case ioError = 74
    /// Another process holds the lock; the same command may succeed later (EX_TEMPFAIL).
    case temporary = 75
    /// A hold, or another rule, forbids it (EX_NOPERM).
    case refused = 77
    /// The configuration is wrong, or belongs to another archive or a newer version (EX_CONFIG).
    case configuration = 78
}
