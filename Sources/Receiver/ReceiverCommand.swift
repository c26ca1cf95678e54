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
        abstract: "Writes each webhook to disk, durably, and only then answers 200.",
        discussion: """
            POST /webhooks/{sandbox|production}            a delivery
            POST /webhooks/{sandbox|production}/{secret}   a delivery, with --auth path
            GET  /health                                   200 while the program runs
            GET  /ready                                    200 while a durable write works and the reserve is free
            GET  /metrics                                  Prometheus text format 0.0.4

            Answers: 200 stored, 400 invalid HTTP, 401 wrong secret or signature, 404 unknown path, 405 not POST, 408 too \
            slow, 413 too large, 503 with Retry-After for every fault of the receiver: send it again.

            A payload is stored as it came, also where a Content-Encoding says that it is compressed.

            The receiver speaks plain HTTP/1.1. Put a TLS proxy in front of it that forwards /webhooks/ only.

            Every option can also be set in the environment (--max-body is DAYBOOK_MAX_BODY) or in the JSON file given by \
            --config ({"max-body": "2MiB"}). Options take precedence over the environment, and the environment over the \
            file. A list is an array in the file, and is separated by commas in the environment.

            Exit codes: 0 stopped by SIGTERM or SIGINT, 64 wrong arguments, 69 cannot listen, 73 cannot make the \
            spool, 74 cannot read or write, 78 wrong configuration.
            """)

    @OptionGroup(title: "Where") var place: PlaceOptions
    @OptionGroup(title: "Who may send") var sender: SenderOptions
    @OptionGroup(title: "How much, and how long") var limits: LimitOptions

    func run() async throws {
        // A client that is gone is an error of one write, not the end of the program; so is a closed stderr.
        signal(SIGPIPE, SIG_IGN)
        let configuration = try ReceiverConfiguration(self, try Settings(file: place.config))
        try OpenFiles.allow(configuration)
        let log = Logger(label: "daybook-receiver") { _ in LineLogHandler { Timestamp.now.description } }
        let server = try await Server.start(configuration, log: log)
        let service = ServerService(server: server)
        var group = ServiceGroupConfiguration(
            services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "") { _ in SwiftLogNoOpLogHandler() })
        // Beyond the grace that the server takes by itself, for what it may hang on.
        group.maximumGracefulShutdownDuration = configuration.grace.duration + .seconds(5)
        try await ServiceGroup(configuration: group).run()
    }
}

struct PlaceOptions: ParsableArguments {
    @Option(help: "The spool folder; made where there is none. (default: spool)")
    var spool: String?

    @Option(help: "Address and port to listen on; port 0 takes any that is free. (default: 127.0.0.1:8080)")
    var listen: ListenAddress?

    @Option(help: "A JSON file of settings.")
    var config: String?

    @Option(help: "A request header to keep beside the payload: where the sender puts its id of the event.")
    var idHeader: String?

    @Option(help: "A further request header to keep. May be given several times.")
    var keepHeader: [String] = []
}

struct SenderOptions: ParsableArguments {
    @Option(help: "How a sender proves that it may send. (default: none)")
    var auth: AuthenticationMethod?

    @Option(
        help: """
            A secret; given several times, any of them is good. production:S and sandbox:S are good for that \
            environment only. Arguments show in lists of processes: rather use --secret-file.
            """)
    var secret: [String] = []

    @Option(help: "A file of secrets, one a line.")
    var secretFile: String?

    @Option(help: "With --auth header: the header that is the secret.")
    var secretHeader: String?

    @Option(help: "With --auth hmac: the header with the signature.")
    var signatureHeader: String?

    @Option(help: "With --auth hmac: the text before the signature, for example sha256=. (default: none)")
    var signaturePrefix: String?

    @Option(help: "With --auth hmac: how the signature is written. (default: hex)")
    var signatureEncoding: SignatureEncoding?

    @Option(help: "With --auth hmac: what it is made with. (default: sha256)")
    var signatureAlgorithm: SignatureAlgorithm?

    @Option(help: "With --auth standard-webhooks: how far the sender's clock may be off. (default: 5m)")
    var timestampTolerance: TimeSpan?
}

struct LimitOptions: ParsableArguments {
    @Option(help: "The longest payload taken. (default: 1MiB)")
    var maxBody: ByteSize?

    @Option(help: "Payloads held in memory, all together. (default: 256MiB)")
    var maxBuffered: ByteSize?

    @Option(help: "Connections at a time; one more is answered 503. (default: 1024)")
    var maxConnections: Int?

    @Option(help: "From a request's first byte to the end of its headers. (default: 10s)")
    var headerTimeout: TimeSpan?

    @Option(help: "From the end of its headers to the end of its payload. (default: 30s)")
    var bodyTimeout: TimeSpan?

    @Option(help: "From an answer to the next request's first byte. (default: 60s)")
    var idleTimeout: TimeSpan?

    @Option(help: "Bytes to leave free on the spool's filesystem; 0 is off. (default: 256MiB)")
    var reserve: ByteSize?

    @Option(help: "Threads that write, each a delivery at a time. (default: 64)")
    var writers: Int?

    @Option(help: "Deliveries that may wait for a writer; one more is answered 503. (default: 1024)")
    var queue: Int?

    @Option(help: "How long to go on with what is in flight after SIGTERM. (default: 10s)")
    var grace: TimeSpan?
}
