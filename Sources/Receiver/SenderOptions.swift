internal import ArgumentParser
internal import Configuring

struct SenderOptions: ParsableArguments {
    @Option(help: "How senders are authenticated. (default: none)")
    var auth: AuthenticationMethod?

    @Option(
        help: """
            A secret. If repeated, any of them is accepted; production:S and sandbox:S only in that environment. \
            Arguments are visible in process lists, so prefer --secret-file.
            """)
    var secret: [String] = []

    @Option(help: "A file of secrets, one on each line.")
    var secretFile: String?

    @Option(help: "With --auth header: the header that contains the secret.")
    var secretHeader: String?

    @Option(help: "With --auth hmac: the header that contains the signature.")
    var signatureHeader: String?

    @Option(help: "With --auth hmac: the text before the signature, for example sha256=. (default: none)")
    var signaturePrefix: String?

    @Option(help: "With --auth hmac: the encoding of the signature. (default: hex)")
    var signatureEncoding: SignatureEncoding?

    @Option(help: "With --auth hmac: the hash function. (default: sha256)")
    var signatureAlgorithm: SignatureAlgorithm?

    @Option(help: "With --auth standard-webhooks: the largest difference to the sender's clock. (default: 5m)")
    var timestampTolerance: TimeSpan?
}
