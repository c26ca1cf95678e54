internal import Configuring
internal import Glibc

/// The limit on open files, which is the first resource that a receiver exhausts.
enum OpenFiles {
    /// Raises this process's limit to what the configuration needs, if that is permitted (getrlimit(2)).
    ///
    /// - Throws: ``Failure`` with 78 if it is not permitted: an error at the start is better than one at the
    ///   thousandth connection.
    static func allow(_ configuration: ReceiverConfiguration) throws(Failure) {
        // Connections, including those that are only being refused, three files for each writer, and what the
        // program itself needs.
        let needed = configuration.maxConnections * 9 / 8 + configuration.writers * 3 + 64
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        guard limit.rlim_cur < needed else { return }
        limit.rlim_cur = min(rlim_t(needed), limit.rlim_max)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        guard limit.rlim_max < needed else { return }
        throw Failure(
            .configuration,
            "max-connections \(configuration.maxConnections) and writers \(configuration.writers) need \(needed) open "
                + "files, and the limit is \(limit.rlim_max); raise it (ulimit -n), or lower them")
    }
}
