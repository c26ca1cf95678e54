internal import Dispatch
internal import Glibc

/// Calls a function at the first signal that asks the program to end. The second one ends it.
final class StopSignals {
    private let sources: [any DispatchSourceSignal]

    private static let signals = [SIGINT, SIGTERM, SIGHUP]

    init(_ stop: @escaping @Sendable () -> Void) {
        sources = Self.signals.map { number in
            // Commands that are started get the default action, which they would not if signals were ignored here.
            signal(number) { _ in }
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                Self.restoreDefaults()
                stop()
            }
            source.resume()
            return source
        }
    }

    /// Lets signals end the program again.
    func restore() {
        for source in sources { source.cancel() }
        Self.restoreDefaults()
    }

    private static func restoreDefaults() {
        for number in signals { signal(number, SIG_DFL) }
    }
}
