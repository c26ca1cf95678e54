internal import DurableFiles
internal import Foundation
internal import Webhooks

extension ArchiveFolder {
    /// What was decided once, at the archive's creation: the contents of `_daybook.json`, and of its copy.
    package struct Identity: Codable, Equatable, Sendable {
        /// The format, 2. Format 1 was never released.
        package let format: Int
        /// The archive's id, a random UUID.
        package let archive: String
        /// The IANA name of the time zone that days are computed in.
        package let timeZone: String
        /// 32 random bytes in hex, so that the names of leaves do not reveal the names of businesses.
        package let salt: String
        /// The SHA-256 of the other members, which shows which of the copies is damaged.
        private let checksum: String

        enum CodingKeys: String, CodingKey {
            case format, archive, salt, checksum
            case timeZone = "time_zone"
        }

        fileprivate init(timeZone: String) {
            var generator = SystemRandomNumberGenerator()
            format = ArchiveFolder.format
            archive = UUID().uuidString.lowercased()
            self.timeZone = timeZone
            salt = Hex.encode((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
            checksum = Self.checksum(format: format, archive: archive, timeZone: timeZone, salt: salt)
        }

        fileprivate var isIntact: Bool {
            checksum == Self.checksum(format: format, archive: archive, timeZone: timeZone, salt: salt)
        }

        /// The members, each with an LF: `printf '%s\n' FORMAT ARCHIVE TIME_ZONE SALT | sha256sum`.
        private static func checksum(format: Int, archive: String, timeZone: String, salt: String) -> String {
            ContentHash(of: Array("\(format)\n\(archive)\n\(timeZone)\n\(salt)\n".utf8)).description
        }
    }

    /// The file that makes a folder an archive, and its copy.
    static let markers = ["_daybook.json", "\(ArchivePath.sweeps)/_daybook.json"]

    static func newIdentity(timeZone: String) -> Identity { Identity(timeZone: timeZone) }

    /// Returns the identity of the archive in a folder, and the markers that are missing or damaged, or `nil` if the folder
    /// has neither marker.
    ///
    /// - Throws: ``ArchiveError`` if no marker can be read, or they belong to different archives.
    static func identity(in root: Folder) throws -> (Identity, damaged: [String])? {
        var (found, damaged): (Identity?, [String]) = (nil, [])
        var failure: (any Error)?
        for marker in markers {
            do {
                guard let identity = try identity(in: root, marker) else {
                    damaged.append(marker)
                    continue
                }
                if let found, found != identity {
                    throw ArchiveError.differentMarkers(root.path(of: markers[0]), root.path(of: marker))
                }
                found = identity
            } catch ArchiveError.unreadable(let path, let cause) {
                failure = failure ?? ArchiveError.unreadable(path, cause)
                damaged.append(marker)
            } catch let error as FileError where error.isOfReading {
                failure = failure ?? error
                damaged.append(marker)
            }
        }
        if let found { return (found, damaged) }
        if let failure { throw failure }
        return nil
    }

    /// Returns the identity in one marker, or `nil` if there is no such file.
    private static func identity(in root: Folder, _ marker: String) throws -> Identity? {
        guard let bytes = try root.contents(of: marker) else { return nil }
        let path = root.path(of: marker)
        guard let head = try? JSONDecoder().decode(FormatOnly.self, from: Data(bytes)), head.format >= 1 else {
            throw ArchiveError.unreadable(path, "it is not the JSON that Daybook writes")
        }
        guard head.format <= format else { throw ArchiveError.newerFormat(path, head.format) }
        guard head.format == format else { throw ArchiveError.olderFormat(path, head.format) }
        guard let identity = try? JSONDecoder().decode(Identity.self, from: Data(bytes)), identity.isIntact,
            try RecordCoding.encode(identity) == bytes
        else { throw ArchiveError.unreadable(path, "its members are not those of its checksum") }
        return identity
    }

    private struct FormatOnly: Decodable { let format: Int }
}
