internal import Configuring
internal import Glibc
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import ServiceLifecycle
internal import Webhooks

/// The HTTP server, on plain SwiftNIO.
///
/// It faces the network, and it is all that lies between a sender and a promise, so what matters is what it does
/// *not* contain. It has five paths: a router would be longer than ``Route``. TLS, HTTP/2, and compression are left
/// to the proxy in front of it, which an operator has anyway and updates independently; parsers of those formats are
/// where hostile bytes do harm. A framework would buffer a body, answer an error, or decode a `Content-Encoding` by
/// its own rules. Here each of these is a rule of Daybook: bytes are stored as they arrive, however they are encoded,
/// and each status is a ``Rejection``. What remains is a parser (NIO's llhttp), the phases of a connection, and a
/// thread pool.
final class Server: Sendable {
    let receiver: ReceiverContext
    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel
    let log: Logger

    private init(
        _ receiver: ReceiverContext, group: MultiThreadedEventLoopGroup, channel: any Channel, log: Logger
    ) {
        self.receiver = receiver
        self.group = group
        self.channel = channel
        self.log = log
    }

    /// Creates the spool, then listens.
    ///
    /// - Throws: ``Failure`` with 73 if the spool cannot be created, 78 if its folders are on different
    ///   filesystems, or 69 if the address cannot be listened on.
    static func start(_ configuration: ReceiverConfiguration, log: Logger) async throws -> Server {
        try await start(ReceiverContext(configuration, log: log), log: log)
    }

    static func start(_ receiver: ReceiverContext, log: Logger) async throws -> Server {
        let configuration = receiver.configuration
        // Event loops only parse and check: a few of them keep more disks busy than a machine has.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: min(System.coreCount, 4))
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    // If descriptors run out, the other connections must survive.
                    try channel.pipeline.syncOperations.addHandler(AcceptBackoffHandler())
                }
            }
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 16_384))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try open(channel, receiver) }
            }
        let channel: any Channel
        do {
            channel = try await bootstrap.bind(host: configuration.listen.host, port: configuration.listen.port).get()
        } catch {
            try? await receiver.writers.stop()
            try? await group.shutdownGracefully()
            let cause = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
            throw Failure(
                .unavailable, "cannot listen on \(configuration.listen): \(cause); choose another with --listen")
        }
        let server = Server(receiver, group: group, channel: channel, log: log)
        if configuration.senderAuthenticator.rule == .none, !server.isLocal {
            log.warning("auth is none: anyone who can reach this address may send")
        }
        for environment in Environment.allCases where configuration.senderAuthenticator.isClosed(environment) {
            log.warning("there is no secret for \(environment): every delivery to it will be refused with 401")
        }
        return server
    }

    /// The address it listens on, with the actual port.
    var address: ListenAddress {
        ListenAddress(host: channel.localAddress?.ipAddress ?? "", port: channel.localAddress?.port ?? 0)
    }

    /// Whether only this machine can reach it.
    private var isLocal: Bool { address.host.hasPrefix("127.") || address.host == "::1" }

    /// Stops listening, completes the requests in progress, and refuses new ones. Returns when that is done, at
    /// the latest after the grace period.
    func stop() async {
        guard receiver.beginStopping() else { return }
        log.info("stopping")
        let deadline = ContinuousClock.now + receiver.configuration.grace.duration
        try? await channel.close().get()
        await receiver.connections.settle(until: deadline)
        await receiver.connections.closeAll()
        if ContinuousClock.now < deadline {
            try? await receiver.writers.stop()
            try? await group.shutdownGracefully()
        }
        log.info("stopped")
    }

    private static func open(_ channel: any Channel, _ receiver: ReceiverContext) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 16_384
        limits.maxHeaderListSize = 32_768
        limits.maxHeaderFieldCount = 128
        let gate = InboundGate()
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(gate)
        try pipeline.addHandler(HTTPResponseEncoder())
        try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: limits)))
        try pipeline.addHandler(ConnectionHandler(receiver, gate: gate, admission: receiver.connections.admit(channel)))
    }
}
