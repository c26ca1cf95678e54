internal import Foundation
internal import Hummingbird
internal import HummingbirdCore
package import Logging
internal import NIOCore
internal import ServiceLifecycle
internal import UnixSignals

/// Serves the auditors' page until SIGTERM or SIGINT.
package struct PageServer: Sendable {
    private let portal: PageResponder
    private let certificates: Certificates?
    private let log: Logger

    /// - Throws: ``PageServerError/certificate(_:_:)``, ``PageServerError/plain(_:)``.
    package init(_ portal: PageResponder, allowsPlainHTTP: Bool = false, log: Logger) throws {
        self.portal = portal
        self.log = log
        let configuration = portal.configuration
        if let (chain, key) = configuration.certificate {
            do {
                certificates = try Certificates(chain: chain, key: key)
            } catch {
                throw PageServerError.certificate(chain, "\(error)")
            }
        } else {
            guard allowsPlainHTTP || Self.isLoopback(configuration.host) else {
                throw PageServerError.plain(configuration.host)
            }
            certificates = nil
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return numbers.count == 4 && numbers.allSatisfy { $0 != nil } && numbers[0] == 127
    }

    /// - Parameter listening: called with the address once the server listens.
    /// - Throws: ``PageServerError/address(_:_:)`` where it cannot listen.
    package func run(listening: @escaping @Sendable (String) -> Void) async throws {
        let (portal, certificates, configuration) = (portal, certificates, portal.configuration)
        let channel = HTTP1Channel.Configuration(
            idleTimeout: .seconds(60),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))
        let application = Application(
            responder: CallbackResponder<PageContext> { request, context in
                await portal.respond(to: request, from: context.address, on: context.loop)
            },
            server: HTTPServerBuilder { responder in
                PageChannel(
                    base: HTTP1Channel(responder: responder, configuration: channel), certificates: certificates)
            },
            configuration: .init(
                address: .hostname(configuration.host, port: configuration.port),
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.maximumConnections)),
            onServerRunning: { channel in
                let address = channel.localAddress
                let host = address?.ipAddress.map { $0.contains(":") ? "[\($0)]" : $0 } ?? configuration.host
                let scheme = certificates == nil ? "http" : "https"
                listening("\(scheme)://\(host):\(address?.port ?? configuration.port)")
            },
            logger: Logger(label: "") { _ in SwiftLogNoOpLogHandler() })
        var group = ServiceGroupConfiguration(
            services: [
                .init(service: application), .init(service: CertificateReload(certificates: certificates, log: log)),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "") { _ in SwiftLogNoOpLogHandler() })
        // A download under way may go on for so long.
        group.maximumGracefulShutdownDuration = .seconds(10)
        do {
            try await ServiceGroup(configuration: group).run()
        } catch let error as IOError {
            throw PageServerError.address("\(configuration.host):\(configuration.port)", "\(error)")
        } catch is SocketAddressError {
            throw PageServerError.address("\(configuration.host):\(configuration.port)", "there is no such host")
        }
        await portal.shutDown()
    }
}

/// On SIGHUP, certificate and key are read anew.
private struct CertificateReload: Service {
    let certificates: Certificates?
    let log: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in await UnixSignalsSequence(trapping: .sighup) {
                guard let certificates else { continue }
                do {
                    try certificates.reload()
                    log.info("reloaded the certificate and its key")
                } catch {
                    log.error("the certificate could not be reloaded, and the old one stays in use: \(error)")
                }
            }
        }
    }
}

/// A request's surroundings: from where it came, and on which thread its connection is served.
struct PageContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let address: String
    let loop: any EventLoop

    init(source: Source) {
        loop = source.channel.eventLoop
        coreContext = .init(source: source)
        address = source.channel.remoteAddress?.ipAddress ?? "unknown"
    }
}

package enum PageServerError: Error, CustomStringConvertible {
    case plain(String)
    case certificate(String, String)
    case address(String, String)

    package var description: String {
        switch self {
        case .plain(let host):
            "\(host) can be reached from elsewhere, and tokens would go there in the open; give --tls-certificate and "
                + "--tls-key, listen on 127.0.0.1 behind a proxy that does TLS, or say --plain-http"
        case .certificate(let path, let cause): "\(path) and its key cannot be used: \(cause)"
        case .address(let address, let cause): "cannot listen on \(address): \(cause)"
        }
    }
}
