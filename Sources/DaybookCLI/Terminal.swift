internal import Archive
internal import ArchiveIndex
internal import Configuring
internal import Foundation
internal import Glibc

/// What stdout goes to. In a pipe, and in a file, everything is plain: bars and shortened names are for people.
struct Terminal {
    /// In columns; nil where no person reads.
    let width: Int?
    /// Whether bars may be drawn: not where `NO_COLOR` is set (no-color.org), nor on a terminal that calls itself dumb.
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

/// Drawings of one line's height, in characters.
enum Bar {
    private static let eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    private static let heights = Array(" ▁▂▃▄▅▆▇█")

    /// A part of a whole, in `width` columns. What is more than nothing shows.
    static func part(_ value: Int, of most: Int, width: Int) -> String {
        guard value > 0, most > 0 else { return "" }
        let cells = max(1, min(value, most) * width * 8 / most)
        return String(repeating: "█", count: cells / 8) + eighths[cells % 8]
    }

    /// Values one after another, a column each. What is more than nothing shows.
    static func line(_ values: [Int]) -> String {
        let most = max(1, values.max() ?? 1)
        return String(values.map { heights[$0 == 0 ? 0 : max(1, $0 * 8 / most)] })
    }
}

/// How fast long work goes, and how long it will take.
struct Pace {
    private let start = ContinuousClock.now

    /// - Parameter amount: in words, of what was done in a second.
    func words(_ done: Int, of total: Int, _ amount: (Int) -> String) -> String {
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        guard seconds > 1, done > 0, total >= done else { return "" }
        let left = Int(Double(total - done) * seconds / Double(done))
        let time = left < 100 ? "\(left) s" : left < 6000 ? "\(left / 60) min" : "\(left / 3600) h"
        return ", \(amount(Int(Double(done) / seconds)))/s, \(time) left"
    }
}

/// Progress through files, by their bytes.
struct ByteProgress {
    private let progress = Progress()
    private let pace = Pace()

    /// To be called before each file.
    ///
    /// - Parameters:
    ///   - done: of the bytes.
    ///   - total: 0 where that is not known.
    func callAsFunction(_ verb: String, _ path: String, done: Int, of total: Int) {
        progress {
            let share = total > 0 ? "\(done * 100 / total) %" : ""
            return "\(verb) \(share)\(pace.words(done, of: total, Display.size)): \(path)"
        }
    }
}

/// The same, where the sizes of the files are known before.
final class FileProgress {
    private let progress = ByteProgress()
    private let sizes: [String: Int]
    private let total: Int
    private var done = 0
    private var last = 0

    /// - Parameter sizes: by path, in bytes.
    init(_ sizes: [String: Int]) {
        self.sizes = sizes
        total = sizes.values.reduce(0, +)
    }

    /// To be called before each file.
    func callAsFunction(_ verb: String, _ path: String) {
        done += last
        last = sizes[path] ?? 0
        progress(verb, path, done: done, of: total)
    }
}

/// The compressed files of a selection by path, in bytes. Empty if there is no index.
func sizes(_ archive: ArchiveFolder, _ selection: Selection) throws -> [String: Int] {
    guard isatty(STDERR_FILENO) == 1, try IndexDatabase.exists(in: archive) else { return [:] }
    return try IndexDatabase.open(forReadingIn: archive).read { snapshot in
        let files = try snapshot.files(.archives, selection) + snapshot.files(.ledgers, selection)
        return Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0.state.gzipBytes) })
    }
}
