internal import Foundation
internal import Hummingbird
internal import HummingbirdCore
package import Logging
internal import NIOCore
internal import ServiceLifecycle
internal import UnixSignals

/// Serves the auditors' page until SIGTERM or SIGINT.
package struct PageServer: Sendable {
    private let responder: PageResponder
    private let certificates: Certificates?
    private let log: Logger

    /// - Throws: ``PageServerError/certificate(_:_:)``, ``PageServerError/plain(_:)``.
    package init(_ responder: PageResponder, allowsPlainHTTP: Bool = false, log: Logger) throws {
        self.responder = responder
        self.log = log
        let configuration = responder.configuration
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

    /// - Parameter listening: Called with the address once the server listens.
    /// - Throws: ``PageServerError/address(_:_:)`` if it cannot listen.
    package func run(listening: @escaping @Sendable (String) -> Void) async throws {
        let (responder, certificates, configuration) = (responder, certificates, responder.configuration)
        let channel = HTTP1Channel.Configuration(
            idleTimeout: .seconds(60),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))
        let application = Application(
            responder: CallbackResponder<PageContext> { request, context in
                await responder.respond(to: request, from: context.address, on: context.loop)
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
        // The time that a running download may still take.
        group.maximumGracefulShutdownDuration = .seconds(10)
        do {
            try await ServiceGroup(configuration: group).run()
        } catch let error as IOError {
            throw PageServerError.address("\(configuration.host):\(configuration.port)", "\(error)")
        } catch is SocketAddressError {
            throw PageServerError.address("\(configuration.host):\(configuration.port)", "there is no such host")
        }
        await responder.shutDown()
    }
}
