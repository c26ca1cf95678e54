internal import Archive
internal import ArchiveIndex
internal import ArgumentParser
internal import AuditorPage
internal import Configuring
internal import DurableFiles
internal import Glibc
internal import Logging
internal import Webhooks

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve the auditors' page, which is read-only and records every access.",
        discussion: """
            `daybook auditors` manages who may see what. The server takes no lock, can run during sweeps, and writes only \
            to the folder _access of the archive, or, for a copy that cannot be written to, to the folder of --access. With \
            --tls-certificate and --tls-key it serves HTTPS, and reads both files again on SIGHUP. Without them it listens only on a loopback address, for a proxy on this machine.

            On SIGTERM or SIGINT it exits with 0 when running downloads are complete, at the latest after 10 s.
            """)

    @OptionGroup var archive: ReadingOptions
    @OptionGroup var access: AccessOptions

    @Option(help: "The address and port to listen on; port 0 is any free port. (default: 127.0.0.1:8090)")
    var pageListen: ListenAddress?

    @Option(help: "A PEM file with the certificate and its intermediate certificates.")
    var tlsCertificate: String?

    @Option(help: "A PEM file with the certificate's private key.")
    var tlsKey: String?

    @Option(
        help:
            "The URL by which auditors reach the page through a proxy, such as https://audit.example.com. (default: from the request)"
    )
    var pageOrigin: PageOrigin?

    @Option(
        help: ArgumentHelp(
            "The address, or a range such as 10.0.0.0/8, of a proxy whose X-Forwarded-For is trusted. May be repeated.",
            valueName: "address"))
    var trustedProxy: [TrustedProxy] = []

    @Flag(help: "Allow plain HTTP on any address, if something else protects tokens in transit.")
    var plainHTTP = false

    @Option(help: "An allowed-signers file (ssh-keygen(1)) to include in bundles.")
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
        configuration.accessFolder = try access.path(settings)
        configuration.allowedSigners = try settings.value(.allowedSigners, flag: allowedSigners)
        let log = Logger(label: "daybook") { _ in LineLogHandler { Timestamp.now.description } }
        var opened = try archive.open()
        let scratch = try IndexDatabase.isRebuiltEachTime(for: opened) ? ScratchFolder() : nil
        if let scratch { opened.separateIndex = scratch.folder.path(of: IndexDatabase.fileName) }
        let responder = try PageResponder(opened, configuration, log: log) { .now }
        let isPlain = try settings.value(.plainHTTP, flag: plainHTTP ? true : nil, default: false)
        let server = try PageServer(responder, allowsPlainHTTP: isPlain, log: log)
        try await server.run { log.info("listening on \($0)") }
        withExtendedLifetime(scratch) {}
    }
}
