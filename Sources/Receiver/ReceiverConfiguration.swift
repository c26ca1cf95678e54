internal import ArgumentParser
internal import Configuring
internal import Webhooks

/// The receiver's settings, validated.
struct ReceiverConfiguration: Sendable {
    /// The path of the spool.
    var spool: String
    var listen = ListenAddress(host: "127.0.0.1", port: 8080)
    var senderAuthenticator: SenderAuthenticator
    var headerAllowList = HeaderAllowList([])
    var maxBody = ByteSize.mebibytes(1)
    var maxBuffered = ByteSize.mebibytes(256)
    var maxConnections = 1024
    var headerTimeout = TimeSpan.seconds(10)
    var bodyTimeout = TimeSpan.seconds(30)
    var idleTimeout = TimeSpan.seconds(60)
    var reserve = ByteSize.mebibytes(256)
    var writers = 64
    var queue = 1024
    var grace = TimeSpan.seconds(10)

    /// The default settings.
    init(spool: String, senderAuthenticator: SenderAuthenticator) {
        self.spool = spool
        self.senderAuthenticator = senderAuthenticator
    }
}

extension ReceiverConfiguration {
    /// - Throws: ``Failure`` with 78, which names the setting.
    init(_ options: ReceiverCommand, _ settings: Settings) throws(Failure) {
        let (place, limits) = (options.place, options.limits)
        self.init(
            spool: try settings.value(.spool, flag: place.spool, default: "spool"),
            senderAuthenticator: try SenderAuthenticator(options.sender, settings))
        listen = try settings.value(.listen, flag: place.listen, default: listen)
        headerAllowList = try HeaderAllowList(place, settings, authenticator: senderAuthenticator)

        maxBody = try settings.value(.maxBody, flag: limits.maxBody, default: maxBody)
        maxBuffered = try settings.value(.maxBuffered, flag: limits.maxBuffered, default: maxBuffered)
        maxConnections = try settings.value(.maxConnections, flag: limits.maxConnections, default: maxConnections)
        headerTimeout = try settings.value(.headerTimeout, flag: limits.headerTimeout, default: headerTimeout)
        bodyTimeout = try settings.value(.bodyTimeout, flag: limits.bodyTimeout, default: bodyTimeout)
        idleTimeout = try settings.value(.idleTimeout, flag: limits.idleTimeout, default: idleTimeout)
        reserve = try settings.value(.reserve, flag: limits.reserve, default: reserve)
        writers = try settings.value(.writers, flag: limits.writers, default: writers)
        queue = try settings.value(.queue, flag: limits.queue, default: queue)
        grace = try settings.value(.grace, flag: limits.grace, default: grace)

        let day = TimeSpan.days(1)
        try Self.check(.maxBody, maxBody, in: ByteSize(bytes: 1)...ByteSize.mebibytes(1024))
        try Self.check(.maxBuffered, maxBuffered, in: maxBody...ByteSize.mebibytes(1 << 20))
        try Self.check(.maxConnections, maxConnections, in: 1...1_000_000)
        try Self.check(.headerTimeout, headerTimeout, in: TimeSpan(milliseconds: 1)...day)
        try Self.check(.bodyTimeout, bodyTimeout, in: TimeSpan(milliseconds: 1)...day)
        try Self.check(.idleTimeout, idleTimeout, in: TimeSpan(milliseconds: 1)...day)
        try Self.check(.writers, writers, in: 1...4096)
        try Self.check(.queue, queue, in: 1...1_000_000)
        try Self.check(.grace, grace, in: TimeSpan(milliseconds: 0)...day)
    }

    private static func check<Value>(
        _ setting: Setting, _ value: Value, in range: ClosedRange<Value>
    ) throws(Failure) {
        guard !range.contains(value) else { return }
        throw Failure(
            .configuration, "\(setting) is \(value), and may be \(range.lowerBound) to \(range.upperBound)")
    }
}
