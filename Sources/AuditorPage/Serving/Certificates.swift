internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOSSL
internal import Synchronization

/// The certificate and key for new connections, from files that can be read again.
final class Certificates: Sendable {
    private let chain: String
    private let key: String
    private let present: Mutex<NIOSSLContext>

    /// - Throws: An error if a file cannot be read, is not PEM, or the key does not belong to the certificate.
    init(chain: String, key: String) throws {
        self.chain = chain
        self.key = key
        present = Mutex(try Self.read(chain: chain, key: key))
    }

    var context: NIOSSLContext { present.withLock { $0 } }

    /// Reads the files again. If that fails, the old ones remain in use.
    func reload() throws {
        let new = try Self.read(chain: chain, key: key)
        present.withLock { $0 = new }
    }

    private static func read(chain: String, key: String) throws -> NIOSSLContext {
        let certificates = try NIOSSLCertificate.fromPEMFile(chain).map { NIOSSLCertificateSource.certificate($0) }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates,
            privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
        configuration.minimumTLSVersion = .tlsv12
        return try NIOSSLContext(configuration: configuration)
    }
}
