internal import Archive
internal import AsyncHTTPClient
internal import Configuring
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
package import Webhooks

/// Posts events to a URL, as their provider did.
///
/// A request has the payload, byte for byte, and the headers that were kept of the first delivery. These mark it as a replay:
///
/// | header | value |
/// | --- | --- |
/// | `Daybook-Replay` | the id of the run |
/// | `Daybook-Event` | the id of the event |
/// | `webhook-id` | the one that the provider sent, if it was kept, else the id of the event |
///
/// Only a status from 200 to 299 acknowledges an event. Redirects are not followed.
package struct HTTPTarget: Sendable {
    package struct Configuration: Sendable {
        package var url: TargetURL
        /// Whether addresses of this machine and of private networks may be used.
        package var allowsPrivate = false
        /// How requests prove where they come from.
        package var authenticator: SenderAuthenticator?
        /// Headers that every request has.
        package var headers: [(name: String, value: String)] = []
        /// A PEM file of certificates to trust besides those of the system, or `nil`.
        package var trustedCertificates: String?
        /// The longest time to wait for an answer.
        package var timeout = Duration.seconds(30)
        /// The most requests at a time.
        package var connections = 4
        /// The program and its version, for the header `User-Agent`.
        package var program: String

        package init(_ url: TargetURL, program: String) {
            self.url = url
            self.program = program
        }
    }

    let url: TargetURL
    /// The address that the replay connects to, as text.
    package let address: String
    private let configuration: Configuration
    private let client: HTTPClient

    /// - Throws: ``ReplayError`` if the host has no address that may be used, or the certificates cannot be read.
    package init(_ configuration: Configuration) throws(ReplayError) {
        self.configuration = configuration
        url = configuration.url
        address = try url.address(allowsPrivate: configuration.allowsPrivate).description
        var client = HTTPClient.Configuration(redirectConfiguration: .disallow, decompression: .disabled)
        client.dnsOverride = [url.host: address]
        client.httpVersion = .http1Only
        client.connectionPool.retryConnectionEstablishment = false
        client.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = configuration.connections
        let timeout = TimeAmount(configuration.timeout)
        client.timeout.connect = timeout
        client.timeout.read = timeout
        if let path = configuration.trustedCertificates {
            do {
                var tls = TLSConfiguration.makeClientConfiguration()
                tls.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(path))]
                client.tlsConfiguration = tls
            } catch {
                throw .certificates(path, cause: "\(error)")
            }
        }
        self.client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: client)
    }

    /// Closes the connections. It must be called once.
    package func close() async throws { try await client.shutdown() }

    func deliver(_ event: EventLine, run: String, acknowledged: (Int) throws -> Void) async throws {
        var request = HTTPClientRequest(url: url.text)
        request.method = .POST
        request.headers = headers(of: event, run: run, now: .now)
        request.body = .bytes(ByteBuffer(bytes: event.payload))
        let response: HTTPClientResponse
        do {
            response = try await client.execute(request, timeout: TimeAmount(configuration.timeout))
        } catch {
            throw failure(error)
        }
        let status = Int(response.status.code)
        guard (200...299).contains(status) else { throw failure(response) }
        try acknowledged(status)
        await drain(response.body)
    }

    // MARK: - Requests

    /// The headers of a kept delivery that are about its connection, or that Daybook added.
    package static let notRepeated: Set<String> = [
        "accept-encoding", "connection", "content-length", "expect", "host", "keep-alive", "proxy-authorization",
        "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "user-agent", ReplayHeader.event,
        ReplayHeader.run, "daybook-ingest",
    ]

    func headers(of event: EventLine, run: String, now: Timestamp) -> HTTPHeaders {
        var headers = HTTPHeaders([("Content-Type", "application/json"), ("webhook-id", event.id.description)])
        let kept = event.headers.flatMap { DeliveryHeaders(sidecar: Array($0.utf8)) }?.values ?? [:]
        for (name, value) in kept.sorted(by: { $0.key < $1.key })
        where !Self.notRepeated.contains(name.lowercased()) && Self.canBeSent(name, value) {
            headers.replaceOrAdd(name: name, value: value)
        }
        headers.add(name: "User-Agent", value: configuration.program)
        headers.add(name: ReplayHeader.run, value: run)
        headers.add(name: ReplayHeader.event, value: event.id.description)
        let proof = configuration.authenticator?.proof(
            of: event.payload, id: headers.first(name: "webhook-id") ?? "", in: event.environment,
            at: Int(now.milliseconds / 1000))
        let added = (proof ?? []) + configuration.headers
        for (name, _) in added { headers.remove(name: name) }
        headers.add(contentsOf: added.map { ($0.name, $0.value) })
        return headers
    }

    /// Whether a header can be sent (RFC 9110, section 5.5). A receiver keeps no other, but another program may have put it into
    /// the spool.
    private static func canBeSent(_ name: String, _ value: String) -> Bool {
        HeaderName.isValid(name) && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }

    // MARK: - Answers

    /// Reads a short rest of an answer, so that its connection can be used again. A longer one closes the connection.
    private func drain(_ body: HTTPClientResponse.Body) async {
        await withTaskGroup { group in
            group.addTask {
                var left = 1 << 16
                var pieces = body.makeAsyncIterator()
                while left > 0, let piece = try? await pieces.next() { left -= piece.readableBytes }
            }
            group.addTask { try? await Task.sleep(for: .seconds(5)) }
            await group.next()
            group.cancelAll()
        }
    }

    private func failure(_ response: HTTPClientResponse) -> DeliveryFailure {
        let status = response.status.code
        let cause = "answered with the status \(status)"
        switch status {
        case 300...399:
            let location = response.headers.first(name: "location").map { " to \(VisibleText.quoted($0))" } ?? ""
            return DeliveryFailure(.target, "\(cause), a redirect\(location), which is not followed")
        case 410: return DeliveryFailure(.target, "\(cause), so it takes no more deliveries")
        case 408, 425, 429, 500...:
            return DeliveryFailure(
                .temporary, cause,
                retryAfter: response.headers.first(name: "retry-after").flatMap { Self.wait($0, .now) })
        default: return DeliveryFailure(.event, cause)
        }
    }

    /// Returns how long a `Retry-After` header asks to wait: seconds, or a date in the form of RFC 9110, section 5.6.7.
    static func wait(_ header: String, _ now: Timestamp) -> Duration? {
        if let seconds = Int(header) { return seconds >= 0 ? .seconds(seconds) : nil }
        // Sun, 06 Nov 1994 08:49:37 GMT
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let parts = header.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let month = months.firstIndex(of: String(parts[2])),
            let time = Timestamp("\(parts[3])-\(month < 9 ? "0" : "")\(month + 1)-\(parts[1])T\(parts[4]).000Z")
        else { return nil }
        return .milliseconds(max(0, time.milliseconds - now.milliseconds))
    }

    private func failure(_ error: any Error) -> DeliveryFailure {
        switch error {
        case let error as HTTPClientError:
            switch error {
            case .deadlineExceeded, .readTimeout, .connectTimeout, .getConnectionFromPoolTimeout:
                return DeliveryFailure(.temporary, "did not answer within \(configuration.timeout)")
            case .remoteConnectionClosed: return DeliveryFailure(.temporary, "closed the connection without an answer")
            default: return DeliveryFailure(.temporary, "cannot be reached: \(error.shortDescription)")
            }
        case is NIOSSLExtraError:
            return DeliveryFailure(.target, "cannot be trusted: its certificate is for another name")
        case is NIOSSLError, is BoringSSLError:
            guard "\(error)".contains("CERTIFICATE_VERIFY_FAILED") else {
                return DeliveryFailure(.temporary, "cannot be reached: the TLS handshake failed")
            }
            return DeliveryFailure(
                .target, "cannot be trusted: its certificate is not signed by a trusted authority, or has expired")
        case is HTTPParserError: return DeliveryFailure(.temporary, "gave an answer that is not HTTP")
        default: return DeliveryFailure(.temporary, "cannot be reached: \(error)")
        }
    }
}
