internal import Logging
internal import ServiceLifecycle

/// Runs until the program receives a signal to stop.
struct ServerService: Service {
    let server: Server

    func run() async throws {
        // Logged only now that signals are handled: a program that waits for this line may send one at once.
        server.log.info("listening on http://\(server.address)")
        try await gracefulShutdown()
        await server.stop()
    }
}
