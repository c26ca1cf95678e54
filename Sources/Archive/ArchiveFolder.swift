package import DurableFiles
internal import Foundation
package import Webhooks

/// An archive: its root folder, and what was decided once, when it was made.
///
///     <archive>/_daybook.json                                 format, id, time zone, salt: written once
///     <archive>/index.sqlite                                  derived from all that follows
///     <archive>/environment=<e>/business=<b>/day=<d>/         archives
///     <archive>/environment=<e>/_ledger/business=<b>/         ledgers
///     <archive>/environment=<e>/_seals/                       seals
///     <archive>/_sweeps/                                      records of sweeps, and the staging of one under way
///     <archive>/_sweep.lock                                   held by the sweep that runs
package struct ArchiveFolder: Sendable {
    package let root: Folder
    package let identity: Identity
    package let calendar: DayCalendar

    /// The contents of `_daybook.json`.
    package struct Identity: Codable, Sendable {
        /// 1. A reader refuses what is newer than it knows.
        package let format: Int
        /// A random UUID: made with the archive.
        package let archive: String
        /// The IANA name of the time zone that days are computed in.
        package let timeZone: String
        /// 32 random bytes in hex: keeps names of leaves from telling the names of businesses.
        package let salt: String

        enum CodingKeys: String, CodingKey {
            case format, archive, salt
            case timeZone = "time_zone"
        }
    }

    package static let format = 1
    private static let marker = "_daybook.json"

    /// Opens an archive that exists.
    ///
    /// - Throws: ``ArchiveError`` where there is none, or one that this program cannot read.
    package init(_ path: String) throws {
        guard let root = try Folder.existing(path), let bytes = try root.contents(of: Self.marker) else {
            throw ArchiveError.noArchive(path)
        }
        let marker = root.path(of: Self.marker)
        guard let head = try? JSONDecoder().decode(FormatOnly.self, from: Data(bytes)), head.format >= 1 else {
            throw ArchiveError.unreadable(marker, "it is not the JSON that Daybook writes")
        }
        guard head.format <= Self.format else { throw ArchiveError.newerFormat(marker, head.format) }
        guard let identity = try? JSONDecoder().decode(Identity.self, from: Data(bytes)),
            let calendar = DayCalendar(timeZone: identity.timeZone), Hex.decode(identity.salt.utf8)?.count == 32
        else {
            throw ArchiveError.unreadable(
                marker, "format, archive, time_zone or salt is missing or not as it should be")
        }
        self.root = root
        self.identity = identity
        self.calendar = calendar
    }

    private struct FormatOnly: Decodable { let format: Int }

    /// Opens an archive, after making it where there is none.
    ///
    /// - Parameter timeZone: an IANA name; nil for whatever the archive has, and UTC for a new one.
    /// - Throws: ``ArchiveError/otherTimeZone(_:has:asked:)`` where the archive was made for another;
    ///   ``FolderLock/Held`` where another process is about to make one.
    package static func make(_ path: String, timeZone: String?) throws -> ArchiveFolder {
        if let timeZone, DayCalendar(timeZone: timeZone) == nil { throw ArchiveError.unknownTimeZone(timeZone) }
        let root = try Folder.make(path)
        if try root.status(of: marker) == nil {
            guard try root.names().allSatisfy({ $0.hasPrefix(".") || $0 == lock || $0 == "lost+found" }) else {
                throw ArchiveError.foreignFolder(path)
            }
            // If two processes create it at once, one is first, and the other fails here.
            try root.withLock(named: lock, purpose: "the making of this archive") {
                if try root.status(of: marker) == nil {
                    try root.replace(marker, with: RecordCoding.encode(newIdentity(timeZone: timeZone ?? "UTC")))
                }
            }
        }
        try root.syncIntoParent()
        let archive = try ArchiveFolder(path)
        if let timeZone, timeZone != archive.identity.timeZone {
            throw ArchiveError.otherTimeZone(path, has: archive.identity.timeZone, asked: timeZone)
        }
        try root.makeFolder(ArchivePath.sweeps)
        return archive
    }

    private static func newIdentity(timeZone: String) -> Identity {
        var generator = SystemRandomNumberGenerator()
        return Identity(
            format: format, archive: UUID().uuidString.lowercased(), timeZone: timeZone,
            salt: Hex.encode((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }))
    }

    private static let lock = "_sweep.lock"

    /// Keeps any other writer off this archive.
    package func lock(purpose: String) throws -> FolderLock {
        try FolderLock(root, name: Self.lock, purpose: purpose)
    }

    /// The numbers of the sweeps that have a record, ascending.
    package func recordedSweeps() throws -> [Int] {
        try sweepNames(.file) { $0.hasSuffix(".json") ? Int($0.dropLast(5)) : nil }
    }

    /// The numbers of the sweeps that have a staging folder, ascending.
    package func stagedSweeps() throws -> [Int] {
        try sweepNames(.folder) { Int($0) }
    }

    private func sweepNames(_ kind: Folder.Kind, _ number: (String) -> Int?) throws -> [Int] {
        guard let folder = try root.folder(ArchivePath.sweeps) else { return [] }
        return try folder.names(kind).compactMap(number).sorted()
    }
}

/// Tells the day of a receipt, in an archive's time zone.
package struct DayCalendar: Sendable {
    private let zone: TimeZone
    private let isUTC: Bool

    /// nil where this machine's time-zone database has no such name.
    package init?(timeZone: String) {
        guard let zone = TimeZone(identifier: timeZone) else { return nil }
        self.zone = zone
        isUTC = timeZone == "UTC"
    }

    package func day(of time: Timestamp) -> CivilDate {
        let seconds = time.milliseconds.floored(by: 1000)
        let offset = isUTC ? 0 : zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
        return CivilDate(daysSinceEpoch: Int((seconds + Int64(offset)).floored(by: 86_400)))
    }
}

package enum ArchiveError: Error, CustomStringConvertible {
    case noArchive(String)
    case foreignFolder(String)
    case unreadable(String, String)
    case newerFormat(String, Int)
    case unknownTimeZone(String)
    case otherTimeZone(String, has: String, asked: String)
    /// A file's bytes are not those that were recorded.
    case differs(String, String)
    /// By this clock, the last seal was made in the future.
    case clockSetBack(now: String, sealed: String)

    package var description: String {
        switch self {
        case .noArchive(let path):
            "\(path) holds no archive; name the right folder with --archive, or make one by `daybook sweep`"
        case .foreignFolder(let path):
            "\(path) holds other files and no _daybook.json; name an empty folder, or restore _daybook.json from a backup"
        case .unreadable(let path, let cause): "\(path) cannot be read: \(cause); restore it from a backup"
        case .newerFormat(let path, let format):
            "\(path) says format \(format), and this program knows up to \(ArchiveFolder.format); use a newer Daybook"
        case .unknownTimeZone(let name):
            "no time zone is called \(name); give an IANA name such as UTC or Africa/Lagos, and install tzdata"
        case .otherTimeZone(let path, let has, let asked):
            "\(path) was made for the time zone \(has), not \(asked), and days cannot be computed again; "
                + "drop --time-zone, or sweep into a new archive"
        case .clockSetBack(let now, let sealed):
            "the clock says \(now), and the last seal was made at \(sealed); set the clock, then sweep again"
        case .differs(let path, let cause): "\(path) is not as recorded: \(cause); run `daybook verify`"
        }
    }
}
