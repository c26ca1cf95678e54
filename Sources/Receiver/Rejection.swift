internal import NIOHTTP1
internal import Webhooks

/// Why a request is not answered 200: the status of the answer, the name of its counter, and its text.
///
/// Whatever is the receiver's own fault is 503. Some senders stop for good at a 4xx or a redirect, and a 410 ends an endpoint.
enum Rejection: String, CaseIterable, Error {
    // The sender's fault.
    case malformed
    case cutShort = "cut-short"
    case noProof = "no-proof"
    case wrongProof = "wrong-proof"
    case staleProof = "stale-proof"
    case unknownPath = "unknown-path"
    case otherMethod = "other-method"
    case tooSlow = "too-slow"
    case tooLong = "too-long"
    // The receiver's fault.
    case notWritten = "not-written"
    case spaceLow = "space-low"
    case queueFull = "queue-full"
    case memoryFull = "memory-full"
    case connectionsFull = "connections-full"
    case stopping

    init(_ rejection: SenderAuthenticator.Rejection) {
        self =
            switch rejection {
            case .missing: .noProof
            case .wrong: .wrongProof
            case .stale: .staleProof
            }
    }

    var status: HTTPResponseStatus {
        switch self {
        case .malformed, .cutShort: .badRequest
        case .noProof, .wrongProof, .staleProof: .unauthorized
        case .unknownPath: .notFound
        case .otherMethod: .methodNotAllowed
        case .tooSlow: .requestTimeout
        case .tooLong: .payloadTooLarge
        case .notWritten, .spaceLow, .queueFull, .memoryFull, .connectionsFull, .stopping: .serviceUnavailable
        }
    }

    var isOurs: Bool { status == .serviceUnavailable }

    /// The text of the answer. It does not say which part of a proof was wrong.
    var sentence: String {
        switch self {
        case .malformed: "the request is not valid HTTP/1.1 (RFC 9112)"
        case .cutShort: "the request is incomplete"
        case .noProof, .wrongProof, .staleProof: "the secret or signature is missing or wrong"
        case .unknownPath: "no such path"
        case .otherMethod: "this path does not support the method"
        case .tooSlow: "the request took too long"
        case .tooLong: "the body is too large"
        case .notWritten, .spaceLow, .queueFull, .memoryFull, .connectionsFull: "not stored; send it again later"
        case .stopping: "the receiver is stopping; send it again later"
        }
    }
}
