internal import Archive
internal import ArchiveIndex
internal import Configuring
internal import Foundation
internal import Glibc

/// The terminal that stdout is connected to. In a pipe or a file, output is plain: bars and shortened names are for
/// people.
struct Terminal {
    /// The width in columns, or `nil` if no person reads the output.
    let width: Int?
    /// Whether bars may be drawn: not if `NO_COLOR` is set (no-color.org), nor on a terminal whose type is
    /// `dumb`.
    let hasBars: Bool

    init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        guard isatty(STDOUT_FILENO) == 1 else {
            (width, hasBars) = (nil, false)
            return
        }
        var size = winsize()
        let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        width = isKnown ? Int(size.ws_col) : 80
        hasBars = (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }
}

/// Returns the size of a selection's compressed files in bytes, or 0 if nobody watches the progress or there is no index.
func totalSize(_ archive: ArchiveFolder, _ selection: Selection) throws -> Int {
    guard isatty(STDERR_FILENO) == 1, try IndexDatabase.exists(in: archive) else { return 0 }
    return try IndexDatabase.open(forReadingIn: archive).read { try $0.gzipBytes(of: selection) }
}
