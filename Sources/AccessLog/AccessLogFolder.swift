package import Archive
internal import DurableFiles
internal import Foundation
internal import Glibc
internal import Synchronization
package import Webhooks

/// Who may see what, and who has seen what: `_access/` in the archive's root, appended to and never rewritten.
///
///     _access/<day>.grants.ndjson    grants and revocations
///     _access/<day>.ndjson           everything else, see ``AccessEntry``
///     _access/<day>.sha256           the day's seal: the hashes of its files, and of the seal before, by sha256sum
///     _access/_access.lock           held while one writes
///
/// A day is that of the archive's time zone, when the entry was taken. The first entry of a day seals the days before it.
/// An entry is durable when ``append(_:)`` returns. Not in the index: that can be thrown away.
package final class AccessLogFolder: Sendable {
    package static let folderName = "_access"
    let folder: Folder
    private let calendar: DayCalendar
    private let clock: @Sendable () -> Timestamp
    private let state = Mutex(State())

    private struct State {
        /// To which entries were appended last.
        var day: CivilDate?
        /// Why nothing may be written any more.
        var failure: FileError?
    }

    /// Opens the log, after making it where there is none.
    package init(in archive: ArchiveFolder, clock: @escaping @Sendable () -> Timestamp) throws {
        folder = try archive.root.makeFolder(Self.folderName)
        calendar = archive.calendar
        self.clock = clock
    }

    /// Whether there is one.
    package static func exists(in archive: ArchiveFolder) throws -> Bool {
        try archive.root.status(of: folderName) != nil
    }

    /// Adds entries, in this order, and returns once they are durable.
    ///
    /// - Throws: ``FileError``. After one, this object takes no more: what a failed sync left behind is not known.
    package func append(_ entries: [AccessEntry]) throws {
        if let failure = state.withLock({ $0.failure }) { throw failure }
        let lock = try waitForLock()
        defer { withExtendedLifetime(lock) {} }
        do {
            let now = clock()
            let day = try dayToWrite(now)
            var (grants, others): ([UInt8], [UInt8]) = ([], [])
            for var entry in entries {
                entry.time = now
                let line = try RecordCoding.encode(entry)
                if Self.grantKinds.contains(entry.kind) { grants += line } else { others += line }
            }
            if !grants.isEmpty { try folder.append(lines: grants, to: Self.grantsFile(day)) }
            if !others.isEmpty { try folder.append(lines: others, to: Self.file(day)) }
        } catch let failure as FileError {
            state.withLock { $0.failure = failure }
            throw failure
        }
    }

    /// The entries of some days, in the order in which they were made. Lines that cannot be read are left out.
    package func entries(from: CivilDate? = nil, to: CivilDate? = nil) throws -> [AccessEntry] {
        var found: [AccessEntry] = []
        for day in try days() where from ?? day <= day && day <= to ?? day {
            found += try read(Self.grantsFile(day)) + read(Self.file(day))
        }
        return found.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
    }

    /// The files of grants, with their sizes: where these are the same, so are the grants.
    func grantFiles() throws -> [GrantFile] {
        try folder.names(.file).filter { $0.hasSuffix(Self.grantsSuffix) }.map {
            GrantFile(name: $0, size: try folder.status(of: $0)?.size ?? 0)
        }
    }

    struct GrantFile: Equatable { let name: String, size: Int }

    func read(_ name: String) throws -> [AccessEntry] {
        let decoder = JSONDecoder()
        return try (folder.contents(of: name) ?? []).split(separator: UInt8(ascii: "\n")).compactMap {
            try? decoder.decode(AccessEntry.self, from: Data($0))
        }
    }

    private static let grantKinds: Set<AccessEntry.Kind> = [.grant, .revocation]
    private static let grantsSuffix = ".grants.ndjson"
    static func grantsFile(_ day: CivilDate) -> String { "\(day)\(grantsSuffix)" }
    static func file(_ day: CivilDate) -> String { "\(day).ndjson" }

    /// The days that have entries, ascending.
    func days() throws -> [CivilDate] {
        Set(
            try folder.names(.file).filter { $0.hasSuffix(".ndjson") }.compactMap { name in
                CivilDate(name.prefix { $0 != "." })
            }
        ).sorted()
    }

    /// Another process has it for the time of one sync.
    private func waitForLock() throws -> AccessLogLock {
        for _ in 0..<5000 {
            do {
                return AccessLogLock(try FolderLock(folder, name: "_access.lock", purpose: "the access log"))
            } catch is FolderLock.Held { usleep(2000) }
        }
        return AccessLogLock(try FolderLock(folder, name: "_access.lock", purpose: "the access log"))
    }

    /// Today; or, where the clock was set back to a day that is sealed, the day after the last seal.
    private func dayToWrite(_ now: Timestamp) throws -> CivilDate {
        let today = calendar.day(of: now)
        if state.withLock({ $0.day }) == today { return today }
        var day = today
        if let sealed = try sealedDays().last, sealed >= today {
            day = CivilDate(daysSinceEpoch: sealed.daysSinceEpoch + 1)
        }
        try sealDays(before: day)
        state.withLock { $0.day = day }
        return day
    }
}

/// Holds the lock for as long as it lives.
private final class AccessLogLock {
    private let lock: FolderLock
    init(_ lock: consuming FolderLock) { self.lock = lock }
}
