internal import NIOHTTP1
internal import Webhooks

/// Why a request is not answered 200: the answer's status, what is counted, and what is told.
///
/// Whatever is our own fault is 503: some senders stop for good at a 4xx or at a redirect, and 410 ends an endpoint.
enum Refusal: String, CaseIterable, Error {
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
    // Ours.
    case notWritten = "not-written"
    case spaceLow = "space-low"
    case queueFull = "queue-full"
    case memoryFull = "memory-full"
    case connectionsFull = "connections-full"
    case stopping

    init(_ refusal: SenderCheck.Refusal) {
        self =
            switch refusal {
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

    /// For the sender. It does not learn which part of its proof was wrong.
    var sentence: String {
        switch self {
        case .malformed: "this is not HTTP/1.1 as RFC 9112 has it"
        case .cutShort: "the request ended before its end"
        case .noProof, .wrongProof, .staleProof: "wrong secret or signature"
        case .unknownPath: "there is nothing here"
        case .otherMethod: "this method is not for this path"
        case .tooSlow: "the request took too long"
        case .tooLong: "the body is too long"
        case .notWritten, .spaceLow, .queueFull, .memoryFull, .connectionsFull: "not stored; send it again later"
        case .stopping: "stopping; send it again later"
        }
    }
}
