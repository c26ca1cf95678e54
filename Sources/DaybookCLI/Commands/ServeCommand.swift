internal import ArgumentParser
internal import AuditorPage
internal import Configuring
internal import Glibc
internal import Logging
internal import Webhooks

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve the auditors' page, which is read-only and records every access.",
        discussion: """
            `daybook auditors` manages who may see what. It reads the archive, needs no lock while sweeps run, and writes \
            to the archive's folder _access alone. By TLS where --tls-certificate and --tls-key are given: both are read \
            again on SIGHUP. Without them it listens on loopback addresses only, for a proxy on this machine.

            Ends with 0 on SIGTERM or SIGINT, after the downloads under way or 10 s.
            """)

    @OptionGroup var archive: ArchiveOptions

    @Option(help: "Address and port to listen on; port 0 takes any that is free. (default: 127.0.0.1:8090)")
    var pageListen: ListenAddress?

    @Option(help: "A PEM file: the certificate, and those between it and its root.")
    var tlsCertificate: String?

    @Option(help: "A PEM file: the certificate's key.")
    var tlsKey: String?

    @Option(
        help:
            "The URL by which auditors reach the page through a proxy: https://audit.example.com. (default: the URL they request)"
    )
    var pageOrigin: PageOrigin?

    @Option(
        help: ArgumentHelp(
            "A proxy whose X-Forwarded-For is believed: its address, or a range such as 10.0.0.0/8. May be given several times.",
            valueName: "address"))
    var trustedProxy: [TrustedProxy] = []

    @Flag(help: "Plain HTTP on any address: where something else keeps tokens from being read on the way.")
    var plainHTTP = false

    @Option(help: "A file of who may sign, as ssh-keygen has it, to put into bundles.")
    var allowedSigners: String?

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let settings = try archive.settings()
        var configuration = PageConfiguration(program: "Daybook \(Daybook.configuration.version)")
        if let address = try settings.value(.pageListen, flag: pageListen) {
            (configuration.host, configuration.port) = (address.host, address.port)
        }
        let certificate = try settings.value(.tlsCertificate, flag: tlsCertificate)
        let key = try settings.value(.tlsKey, flag: tlsKey)
        switch (certificate, key) {
        case (let certificate?, let key?): configuration.certificate = (certificate, key)
        case (nil, nil): break
        default: throw Failure(.configuration, "--tls-certificate and --tls-key go together: give both, or neither")
        }
        configuration.publicOrigin = try settings.value(.pageOrigin, flag: pageOrigin)?.text
        configuration.trustedProxies = TrustedProxies(
            try settings.values(.trustedProxy, flag: trustedProxy).map(\.range))
        configuration.allowedSigners = try settings.value(.allowedSigners, flag: allowedSigners)
        let log = Logger(label: "daybook") { _ in LineLogHandler { Timestamp.now.description } }
        let portal = try PageResponder(archive.open(), configuration, log: log) { .now }
        let isPlain = try settings.value(.plainHTTP, flag: plainHTTP ? true : nil, default: false)
        let server = try PageServer(portal, allowsPlainHTTP: isPlain, log: log)
        try await server.run { log.info("listening on \($0)") }
    }
}

/// Scheme and authority, and nothing after them.
struct PageOrigin: ExpressibleByArgument {
    let text: String

    init?(argument: String) {
        guard PageConfiguration.isOrigin(argument) else { return nil }
        text = argument
    }
}

/// An address, or a range of them.
struct TrustedProxy: ExpressibleByArgument {
    let range: AddressRange

    init?(argument: String) {
        guard let range = AddressRange(argument) else { return nil }
        self.range = range
    }
}
