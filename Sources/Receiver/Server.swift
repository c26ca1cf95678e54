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
/// It faces the network and is all that is between a sender and a promise, so what counts is what it does *not* carry. It has
/// five paths: a router would be longer than ``Route``. TLS, HTTP/2 and compression are the proxy's before it, which an
/// operator has anyway and updates for its own sake; their codecs are where parsers meet hostile bytes. A framework
/// would buffer a body, answer an error or decode a `Content-Encoding` by rules of its own, while here each of those is
/// a rule of Daybook's: bytes are stored as they came, whatever they are encoded in, and each status is one of
/// ``Rejection``. What is left is a parser (NIO's llhttp), a connection's phases, and a thread pool.
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

    /// Makes the spool, then listens.
    ///
    /// - Throws: ``Failure``: 73 where the spool cannot be made, 78 where its folders lie on several filesystems, 69
    ///   where the address cannot be listened on.
    static func start(_ configuration: ReceiverConfiguration, log: Logger) async throws -> Server {
        try await start(ReceiverContext(configuration, log: log), log: log)
    }

    static func start(_ receiver: ReceiverContext, log: Logger) async throws -> Server {
        let configuration = receiver.configuration
        // They only parse and check: a few keep more disks busy than there are.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: min(System.coreCount, 4))
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    // Out of descriptors, the rest of the connections shall live on.
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
            log.warning("auth is none: whoever can reach this address may send")
        }
        for environment in Environment.allCases where configuration.senderAuthenticator.isClosed(environment) {
            log.warning("there is no secret for \(environment): every delivery to it will be refused with 401")
        }
        return server
    }

    /// Where it listens, with the port that it was given.
    var address: ListenAddress {
        ListenAddress(host: channel.localAddress?.ipAddress ?? "", port: channel.localAddress?.port ?? 0)
    }

    /// Whether only this machine can reach it.
    private var isLocal: Bool { address.host.hasPrefix("127.") || address.host == "::1" }

    /// Listens no more, finishes what is in flight, refuses what else comes, and returns when that is done: after the
    /// grace at the latest.
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

/// Runs until the program receives a signal to stop.
struct ServerService: Service {
    let server: Server

    func run() async throws {
        // Only now, when a signal is heeded: who reads this may stop it at once, and is owed the same care.
        server.log.info("listening on http://\(server.address)")
        try await gracefulShutdown()
        await server.stop()
    }
}
