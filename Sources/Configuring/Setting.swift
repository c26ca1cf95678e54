/// The name of a setting, which is the same in every place: `id-header` is the flag `--id-header`, the environment variable
/// `DAYBOOK_ID_HEADER`, and the member `"id-header"` of the configuration file.
///
/// There is one list for both programs, which can share a file.
package enum Setting: String, CaseIterable, Sendable, CustomStringConvertible {
    // Both programs.
    case spool
    case idHeader = "id-header"

    // daybook
    case archive
    case timeZone = "time-zone"
    case businessPointer = "business-pointer"
    case idPointer = "id-pointer"
    case ignorePointer = "ignore-pointer"
    case redeliveryWindow = "redelivery-window"
    case signKey = "sign-key"
    case allowedSigners = "allowed-signers"
    case threads
    case python
    // daybook serve
    case access
    case pageListen = "page-listen"
    case pageOrigin = "page-origin"
    case trustedProxy = "trusted-proxy"
    case tlsCertificate = "tls-certificate"
    case tlsKey = "tls-key"
    case plainHTTP = "plain-http"

    // daybook-receiver
    case listen
    // daybook-receiver: authentication
    case auth
    case secret
    case secretFile = "secret-file"
    case secretHeader = "secret-header"
    case signatureHeader = "signature-header"
    case signaturePrefix = "signature-prefix"
    case signatureEncoding = "signature-encoding"
    case signatureAlgorithm = "signature-algorithm"
    case timestampTolerance = "timestamp-tolerance"
    // daybook-receiver: kept headers
    case keepHeader = "keep-header"
    // daybook-receiver: limits
    case maxBody = "max-body"
    case maxBuffered = "max-buffered"
    case maxConnections = "max-connections"
    case headerTimeout = "header-timeout"
    case bodyTimeout = "body-timeout"
    case idleTimeout = "idle-timeout"
    case reserve
    case writers
    case queue
    case grace

    package var description: String { rawValue }

    /// Whether the setting may have several values: a repeated flag, an array in the file, commas in the environment.
    package var isList: Bool {
        switch self {
        case .businessPointer, .idPointer, .ignorePointer, .secret, .keepHeader, .trustedProxy: true
        default: false
        }
    }

    /// The name of the environment variable: `DAYBOOK_` and the setting's name in capitals.
    package var variable: String {
        "DAYBOOK_" + rawValue.uppercased().replacing("-", with: "_")
    }

    /// Whether messages must not show the value.
    var isSecret: Bool { self == .secret }
}
