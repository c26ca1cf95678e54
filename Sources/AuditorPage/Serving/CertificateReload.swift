internal import Logging
internal import ServiceLifecycle
internal import UnixSignals

/// Reads the certificate and its key again on SIGHUP.
struct CertificateReload: Service {
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
