internal import Glibc
package import Logging

/// Writes each log message as one line on stderr: `2026-11-23T21:14:48.704Z info: listening on http://127.0.0.1:8080`.
package struct LineLogHandler: LogHandler {
    package var logLevel: Logger.Level = .info
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let timestamp: @Sendable () -> String

    /// - Parameter timestamp: Returns the current time as it appears in front of each line.
    package init(timestamp: @escaping @Sendable () -> String) { self.timestamp = timestamp }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let fields = (event.metadata ?? [:]).merging(metadata) { own, _ in own }.sorted { $0.key < $1.key }
        let text = fields.reduce("\(event.message)") { "\($0) \($1.key)=\($1.value)" }
        let line = Array("\(timestamp()) \(event.level): \(VisibleText.line(text))\n".utf8)
        // If stderr is gone, there is nobody left to notify.
        _ = write(STDERR_FILENO, line, line.count)
    }
}
