internal import DurableFiles

package enum ArchiveError: Error, CustomStringConvertible {
    case noArchive(String)
    case foreignFolder(String)
    case unreadable(String, String)
    case differentMarkers(String, String)
    case newerFormat(String, Int)
    case olderFormat(String, Int)
    case unknownTimeZone(String)
    case otherTimeZone(String, has: String, asked: String)
    /// The bytes of a file are not those that were recorded.
    case differs(String, String)
    /// According to this machine's clock, the last seal was made in the future.
    case clockSetBack(now: String, sealed: String)

    package var description: String {
        switch self {
        case .noArchive(let path):
            "\(path) is not an archive; name the archive folder with --archive, or create one with `daybook sweep`"
        case .foreignFolder(let path):
            "\(path) contains files but no _daybook.json; name an empty folder, or restore _daybook.json from a backup"
        case .unreadable(let path, let cause): "\(path) cannot be read: \(cause); restore it from a backup"
        case .differentMarkers(let path, let copy):
            "\(path) and \(copy) are of different archives; restore the right one of them from a backup"
        case .newerFormat(let path, let format):
            "\(path) has format \(format), but this program supports formats up to \(ArchiveFolder.format); use a newer Daybook"
        case .olderFormat(let path, let format):
            "\(path) has format \(format), which was never released and is not supported; sweep into a new archive"
        case .unknownTimeZone(let name):
            "\(name) is not a known time zone; give an IANA name such as UTC or Africa/Lagos, and install tzdata"
        case .otherTimeZone(let path, let has, let asked):
            "\(path) was created with the time zone \(has), not \(asked), and its days cannot be recomputed; "
                + "omit --time-zone, or sweep into a new archive"
        case .clockSetBack(let now, let sealed):
            "the clock is at \(now), before the last seal at \(sealed); correct the clock, then sweep again"
        case .differs(let path, let cause): "\(path) is not as recorded: \(cause); run `daybook verify`"
        }
    }
}

extension ArchiveError {
    /// Whether an error is about one file of the archive, which cannot be read or is not as recorded, so that others can be read.
    package static func isDamage(_ error: any Error) -> Bool {
        error is ArchiveError || (error as? FileError)?.isOfReading == true
    }
}
