package import DurableFiles
internal import Foundation
internal import Webhooks

/// An archive: its root folder, and what was decided once, at its creation.
///
///     <archive>/_daybook.json                                 format, id, time zone, salt: written once
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

    /// The contents of `_daybook.json`.
    package struct Identity: Codable, Sendable {
        /// The format, 2. Format 1 was never released.
        package let format: Int
        /// The archive's id, a random UUID.
        package let archive: String
        /// The IANA name of the time zone that days are computed in.
        package let timeZone: String
        /// 32 random bytes in hex, so that the names of leaves do not reveal the names of businesses.
        package let salt: String

        enum CodingKeys: String, CodingKey {
            case format, archive, salt
            case timeZone = "time_zone"
        }
    }

    package static let format = 2
    private static let marker = "_daybook.json"

    /// Opens an existing archive.
    ///
    /// - Throws: ``ArchiveError`` if there is no archive, or this program cannot read it.
    package init(_ path: String) throws {
        guard let root = try Folder.existing(path), let bytes = try root.contents(of: Self.marker) else {
            throw ArchiveError.noArchive(path)
        }
        let marker = root.path(of: Self.marker)
        guard let head = try? JSONDecoder().decode(FormatOnly.self, from: Data(bytes)), head.format >= 1 else {
            throw ArchiveError.unreadable(marker, "it is not the JSON that Daybook writes")
        }
        guard head.format <= Self.format else { throw ArchiveError.newerFormat(marker, head.format) }
        guard head.format == Self.format else { throw ArchiveError.olderFormat(marker, head.format) }
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

    /// Opens an archive, after creating it if it does not exist.
    ///
    /// - Parameter timeZone: An IANA name, or `nil` for the archive's own, and UTC for a new archive.
    /// - Throws: ``ArchiveError/otherTimeZone(_:has:asked:)`` if the archive was created with another;
    ///   ``FolderLock/Held`` if another process is about to create it.
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

    /// Runs `body` while no other process can write to this archive.
    ///
    /// - Parameter purpose: What the lock is held for, as other processes report it.
    /// - Throws: `FolderLock.Held` if another process holds the lock; any error that `body` throws.
    package func withLock<Result>(purpose: String, _ body: () throws -> Result) throws -> Result {
        try root.withLock(named: Self.lock, purpose: purpose, body)
    }

    /// Returns the numbers of the sweeps that have a record, ascending.
    package func recordedSweeps() throws -> [Int] {
        try sweepNames(.file) {
            $0.hasSuffix(ArchivePath.recordSuffix) ? Int($0.dropLast(ArchivePath.recordSuffix.count)) : nil
        }
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
