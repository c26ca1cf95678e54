internal import Foundation
internal import Glibc

/// Shows a person at a terminal how far long work is; silent under cron and in pipes.
final class Progress {
    private let isShown = isatty(STDERR_FILENO) == 1
    private var last = ContinuousClock.now
    private var width = 0

    func callAsFunction(_ text: @autoclosure () -> String) { self(text) }

    func callAsFunction(_ text: () -> String) {
        guard isShown, ContinuousClock.now - last > .milliseconds(100) else { return }
        last = .now
        let line = String(text().prefix(78))
        FileHandle.standardError.write(
            Data("\r\(line)\(String(repeating: " ", count: max(0, width - line.count)))".utf8))
        width = line.count
    }

    /// Removes the line.
    deinit {
        if width > 0 { FileHandle.standardError.write(Data("\r\(String(repeating: " ", count: width))\r".utf8)) }
    }
}
