package import DurableFiles
internal import Webhooks

/// An archive: its root folder, and what was decided once, at its creation.
///
///     <archive>/_daybook.json                                 format, id, time zone, salt: written once, and its copy
///     <archive>/_sweeps/_daybook.json                         is used if it is damaged
///     <archive>/_index.sqlite                                 derived from all of the following
///     <archive>/environment=<e>/business=<b>/day=<d>/         archives
///     <archive>/environment=<e>/_ledger/business=<b>/         ledgers
///     <archive>/environment=<e>/_seals/                       seals
///     <archive>/_sweeps/                                      records of sweeps, and the staging of a running one
///     <archive>/_sweep.lock                                   held by a running sweep
package struct ArchiveFolder: Sendable {
    package let root: Folder
    package let identity: Identity
    package let calendar: DayCalendar
    /// The copies of `_daybook.json` that are missing or damaged, while another is not.
    package let damagedMarkers: [String]
    /// The path of an index that readers use instead of the archive's own, or `nil`.
    package var separateIndex: String?

    package static let format = 2

    /// Opens an existing archive.
    ///
    /// - Throws: ``ArchiveError`` if there is no archive, or this program cannot read it.
    package init(_ path: String) throws {
        guard let root = try Folder.existing(path), let (identity, damaged) = try Self.identity(in: root) else {
            throw ArchiveError.noArchive(path)
        }
        guard let calendar = DayCalendar(timeZone: identity.timeZone) else {
            throw ArchiveError.unreadable(
                root.path(of: Self.markers[0]), "its time zone \(identity.timeZone) is not known to this machine")
        }
        self.root = root
        self.identity = identity
        self.calendar = calendar
        damagedMarkers = damaged
    }

    /// Opens an archive that has lost both copies of `_daybook.json`, as a copy of it has them.
    ///
    /// - Throws: ``ArchiveError/differentMarkers(_:_:)`` if a seal shows that it is another archive.
    package init(_ path: String, withMarkersOf copy: ArchiveFolder) throws {
        guard let root = try Folder.existing(path), try root.folder(ArchivePath.sweeps) != nil else {
            throw ArchiveError.noArchive(path)
        }
        self.root = root
        identity = copy.identity
        calendar = copy.calendar
        damagedMarkers = Self.markers
        for environment in Environment.allCases {
            for seal in (try? sealPaths(environment)) ?? [] {
                guard let seal = try? self.seal(environment, seal) else { continue }
                guard seal.statement.archive == identity.archive else {
                    throw ArchiveError.differentMarkers(root.path(of: seal.path), copy.root.path(of: Self.markers[0]))
                }
            }
        }
    }

    /// Opens an archive, after creating it if it does not exist.
    ///
    /// - Parameter timeZone: An IANA name, or `nil` for the archive's own, and UTC for a new archive.
    /// - Throws: ``ArchiveError/otherTimeZone(_:has:asked:)`` if the archive was created with another;
    ///   ``FolderLock/Held`` if another process is about to create it.
    package static func make(_ path: String, timeZone: String?) throws -> ArchiveFolder {
        if let timeZone, DayCalendar(timeZone: timeZone) == nil { throw ArchiveError.unknownTimeZone(timeZone) }
        let root = try Folder.make(path)
        if try identity(in: root) == nil {
            guard try root.names().allSatisfy({ $0.hasPrefix(".") || $0 == lock || $0 == "lost+found" }) else {
                throw ArchiveError.foreignFolder(path)
            }
            // If two processes create it at once, one is first, and the other fails here.
            try root.withLock(named: lock, purpose: "the making of this archive") {
                if try identity(in: root) == nil {
                    try root.replace(markers[0], with: RecordCoding.encode(newIdentity(timeZone: timeZone ?? "UTC")))
                }
            }
        }
        try root.syncIntoParent()
        let archive = try ArchiveFolder(path)
        if let timeZone, timeZone != archive.identity.timeZone {
            throw ArchiveError.otherTimeZone(path, has: archive.identity.timeZone, asked: timeZone)
        }
        try root.makeFolder(ArchivePath.sweeps)
        guard !archive.damagedMarkers.isEmpty else { return archive }
        try archive.withLock(purpose: "the repair of _daybook.json") { try archive.restoreMarkers() }
        return try ArchiveFolder(path)
    }

    /// Writes the damaged copies of `_daybook.json` again. The caller holds the archive's lock.
    package func restoreMarkers() throws {
        for marker in damagedMarkers { try root.replace(marker, with: RecordCoding.encode(identity)) }
    }

    private static let lock = "_sweep.lock"

    /// Runs `body` while no other process can write to this archive.
    ///
    /// - Parameter purpose: What the lock is held for, as other processes report it.
    /// - Throws: `FolderLock.Held` if another process holds the lock; any error that `body` throws.
    package func withLock<Result>(purpose: String, _ body: () throws -> Result) throws -> Result {
        try root.withLock(named: Self.lock, purpose: purpose, body)
    }

    /// Returns the numbers of the sweeps that have a record, ascending.
    package func recordedSweeps() throws -> [Int] {
        try sweepNames(.file) { ArchivePath.sweep(ofRecord: "\(ArchivePath.sweeps)/\($0)") }
    }

    /// Returns the numbers of the sweeps that have a staging folder, ascending.
    package func stagedSweeps() throws -> [Int] {
        try sweepNames(.folder) { Int($0) }
    }

    private func sweepNames(_ kind: Folder.Kind, _ number: (String) -> Int?) throws -> [Int] {
        guard let folder = try root.folder(ArchivePath.sweeps) else { return [] }
        return try folder.names(kind).compactMap(number).sorted()
    }
}
