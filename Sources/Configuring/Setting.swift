/// The name of a setting, in every place where it may stand: `id-header` is the flag `--id-header`, the environment
/// variable `DAYBOOK_ID_HEADER`, and the member `"id-header"` of the configuration file.
///
/// One list for both programs, so that they can share a file.
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
    // its auditors' page
    case pageListen = "page-listen"
    case pageOrigin = "page-origin"
    case trustedProxy = "trusted-proxy"
    case tlsCertificate = "tls-certificate"
    case tlsKey = "tls-key"
    case plainHTTP = "plain-http"

    // daybook-receiver: where
    case listen
    // who may send
    case auth
    case secret
    case secretFile = "secret-file"
    case secretHeader = "secret-header"
    case signatureHeader = "signature-header"
    case signaturePrefix = "signature-prefix"
    case signatureEncoding = "signature-encoding"
    case signatureAlgorithm = "signature-algorithm"
    case timestampTolerance = "timestamp-tolerance"
    // what is kept
    case keepHeader = "keep-header"
    // how much, and how long
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

    /// Whether it may have several values: a flag given several times, an array in the file, commas in the environment.
    package var isList: Bool {
        switch self {
        case .businessPointer, .idPointer, .ignorePointer, .secret, .keepHeader, .trustedProxy: true
        default: false
        }
    }

    /// `DAYBOOK_` and the name in capitals.
    package var variable: String {
        "DAYBOOK_" + rawValue.uppercased().replacing("-", with: "_")
    }

    /// Whether its value must not be shown.
    var isSecret: Bool { self == .secret }
}
