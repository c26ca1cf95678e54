internal import ArgumentParser
internal import Configuring
internal import Glibc
internal import Logging
internal import ServiceLifecycle
internal import UnixSignals
internal import Webhooks

struct ReceiverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daybook-receiver",
        abstract: "Receive webhooks, and answer 200 only when they are durably on disk.",
        discussion: """
            POST /webhooks/{sandbox|production}            a delivery
            POST /webhooks/{sandbox|production}/{secret}   a delivery, with --auth path
            GET  /health                                   200 while the program runs
            GET  /ready                                    200 while deliveries can be stored
            GET  /metrics                                  Prometheus text format 0.0.4

            Answers: 200 stored, 400 invalid HTTP, 401 wrong secret or signature, 404 unknown path, 405 not POST, 408 too \
            slow, 413 too large, 503 with Retry-After for every fault of the receiver: send again.

            A payload is stored byte for byte, even with a Content-Encoding.

            The receiver speaks plain HTTP/1.1. Put a TLS proxy in front of it that forwards /webhooks/ only.

            Every option can also be set in the environment (--max-body is DAYBOOK_MAX_BODY) or in the JSON file given by \
            --config ({"max-body": "2MiB"}). Options take precedence over the environment, and the environment over the \
            file. A list is an array in the file, and is separated by commas in the environment.

            Exit codes: 0 stopped by SIGTERM or SIGINT, 64 wrong arguments, 69 cannot listen, 73 cannot create the \
            spool, 74 cannot read or write, 78 wrong configuration.
            """)

    @OptionGroup(title: "Place") var place: PlaceOptions
    @OptionGroup(title: "Authentication") var sender: SenderOptions
    @OptionGroup(title: "Limits") var limits: LimitOptions

    func run() async throws {
        // A write to a client that is gone, or to a closed stderr, must fail without ending the program.
        signal(SIGPIPE, SIG_IGN)
        let configuration = try ReceiverConfiguration(self, try Settings(file: place.config))
        try OpenFiles.allow(configuration)
        let log = Logger(label: "daybook-receiver") { _ in LineLogHandler { Timestamp.now.description } }
        let server = try await Server.start(configuration, log: log)
        let service = ServerService(server: server)
        var group = ServiceGroupConfiguration(
            services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "") { _ in SwiftLogNoOpLogHandler() })
        // Longer than the server's own grace period, in case it hangs.
        group.maximumGracefulShutdownDuration = configuration.grace.duration + .seconds(5)
        try await ServiceGroup(configuration: group).run()
    }
}
