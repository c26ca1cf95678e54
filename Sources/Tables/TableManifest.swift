internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Foundation

/// `_tables.json`, which says what the tables of a folder were made from.
///
/// It is written before the first table, and after each. So a table may be newer than its entry, which is then written
/// again, but never older. Engines skip its name.
struct TableManifest: Codable, Equatable {
    /// Increased with every change of the fixed columns, so that all tables are written again.
    var format = Self.currentFormat
    /// The id of the archive.
    var archive: String
    var by: TableGranularity
    /// The columns of pointers, as ``PointerColumn`` describes them.
    var columns: [String]
    /// The last sweep that all tables include, and when it started, or `nil` before they do.
    var sweep: Int?
    var started: String?
    /// By file.
    var tables: [Entry] = []

    static let currentFormat = 1
    static let fileName = "_tables.json"

    struct Entry: Codable, Equatable {
        var file: String
        /// The size of the file.
        var bytes: Int
        var events: Int
        /// The number of archives that were read.
        var archives: Int
        /// What the events were read from.
        var source: Source
        /// Whether nothing that was damaged is left out.
        var isComplete: Bool

        enum CodingKeys: String, CodingKey {
            case file, bytes, events, archives, source
            case isComplete = "complete"
        }
    }

    /// The state of a table's days in the index. As long as it is equal, so are the table's events.
    struct Source: Codable, Equatable {
        /// The last sweep, erasure, repair, or prune that changed an archive of the days.
        var sweep = 0
        var redeliveries = 0
        /// The last sweep that found one of the redeliveries.
        var lastRedelivered = 0

        enum CodingKeys: String, CodingKey {
            case sweep, redeliveries
            case lastRedelivered = "last_redelivered"
        }

        mutating func add(_ day: IndexedDay) {
            sweep = max(sweep, day.sweep)
            redeliveries += day.redeliveries
            lastRedelivered = max(lastRedelivered, day.lastRedelivered)
        }
    }

    /// Returns the manifest of a folder, or `nil` if it has none.
    ///
    /// - Throws: ``TablesError`` if it is not of this archive, or cannot be read.
    static func read(in folder: Folder, of archive: ArchiveFolder) throws -> TableManifest? {
        guard let bytes = try folder.contents(of: fileName) else { return nil }
        let path = folder.path(of: fileName)
        struct Head: Decodable { let format: Int, archive: String }
        guard let head = try? JSONDecoder().decode(Head.self, from: Data(bytes)) else {
            throw TablesError.unreadableManifest(path)
        }
        guard head.format <= currentFormat else { throw TablesError.newerFormat(path) }
        guard head.archive == archive.identity.archive else { throw TablesError.otherArchive(folder.path) }
        guard let manifest = try? JSONDecoder().decode(TableManifest.self, from: Data(bytes)) else {
            throw TablesError.unreadableManifest(path)
        }
        return manifest
    }

    func write(to folder: Folder) throws { try folder.replace(Self.fileName, with: RecordCoding.encode(self)) }

    subscript(file: String) -> Entry? {
        get { tables.first { $0.file == file } }
        set {
            tables.removeAll { $0.file == file }
            if let newValue { tables.append(newValue) }
            tables.sort { $0.file < $1.file }
        }
    }
}
