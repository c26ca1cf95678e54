package import Archive
internal import DurableFiles
internal import Foundation
internal import Synchronization
package import Webhooks

/// The grants and the log of access: `_access/` in the archive's root, or a folder elsewhere, which is appended to and never
/// rewritten.
///
///     _access/<day>.grants.ndjson    grants and revocations
///     _access/<day>.ndjson           everything else, see ``AccessEntry``
///     _access/<day>.sha256           the day's seal: the hashes of its files and of the previous seal, for sha256sum
///     _access/_access.lock           held during a write
///
/// An entry belongs to the day, in the archive's time zone, on which it was accepted. The first entry of a day seals
/// the days before it. An entry is durable when ``append(_:)`` returns. None of this is in the index, which can be
/// removed.
package final class AccessLogFolder: Sendable {
    package static let folderName = "_access"
    private static let lock = "_access.lock"
    let folder: Folder
    private let calendar: DayCalendar
    private let clock: @Sendable () -> Timestamp
    private let state = Mutex(State())

    private struct State {
        /// The day that the last entries belong to.
        var day: CivilDate?
        /// The error after which nothing may be written.
        var failure: FileError?
    }

    /// Opens the log, and creates it if it does not exist.
    ///
    /// - Parameter path: The path of its folder, or `nil` if it is in the archive. A copy of an archive that cannot be
    ///   written to has it elsewhere.
    package init(
        in archive: ArchiveFolder, at path: String? = nil, clock: @escaping @Sendable () -> Timestamp
    ) throws {
        do {
            folder = try path.map { try Folder.make($0) } ?? archive.root.makeFolder(Self.folderName)
        } catch let error as FileError {
            throw AuditorsError.noFolder(error)
        }
        calendar = archive.calendar
        self.clock = clock
    }

    /// Returns whether there is an access log in the archive, or at `path`.
    package static func exists(in archive: ArchiveFolder, at path: String? = nil) throws -> Bool {
        guard let path else { return try archive.root.status(of: folderName) != nil }
        return try Folder.existing(path) != nil
    }

    /// Appends entries in this order, and returns when they are durable.
    ///
    /// - Throws: ``FileError``. After an error, this object accepts no more entries: what a failed sync left on
    ///   disk is unknown.
    package func append(_ entries: [AccessEntry]) throws {
        if let failure = state.withLock({ $0.failure }) { throw failure }
        try folder.withLock(named: Self.lock, purpose: "the access log", waitingUpTo: .seconds(10)) {
            do {
                try write(entries)
            } catch let failure as FileError {
                state.withLock { $0.failure = failure }
                throw failure
            }
        }
    }

    private func write(_ entries: [AccessEntry]) throws {
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
    }

    /// Returns the entries of some days, in the order in which they were made. Lines that cannot be parsed are
    /// skipped.
    package func entries(from: CivilDate? = nil, to: CivilDate? = nil) throws -> [AccessEntry] {
        var found: [AccessEntry] = []
        for day in try days() where from ?? day <= day && day <= to ?? day {
            found += try read(Self.grantsFile(day)) + read(Self.file(day))
        }
        return found.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
    }

    /// Returns the files of grants with their sizes. If these are unchanged, so are the grants.
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

    /// Returns the days that have entries, ascending.
    func days() throws -> [CivilDate] {
        Set(
            try folder.names(.file).filter { $0.hasSuffix(".ndjson") }.compactMap { name in
                CivilDate(name.prefix { $0 != "." })
            }
        ).sorted()
    }

    /// Returns today, or, if the clock was set back to a sealed day, the day after the last seal.
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
