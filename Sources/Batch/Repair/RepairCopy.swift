internal import Archive
internal import DurableFiles
internal import Foundation

/// A copy of an archive, or an evidence bundle of it, that damaged files are restored from.
///
/// It may be older or newer than the archive, and damaged itself: whatever is taken from it must have the recorded hash.
struct RepairCopy {
    /// The path, as it was given.
    let path: String
    /// The copied archive, or `nil` for an evidence bundle.
    let archive: ArchiveFolder?
    private let root: Folder

    private struct Bundle: Decodable {
        let archive: String
    }

    /// - Parameter archive: The id of the archive that it must be a copy of.
    /// - Throws: ``BatchError/notACopy(_:_:)`` if it is neither, or a copy of another archive.
    init(_ path: String, of archive: String) throws {
        self.path = path
        guard let folder = try Folder.existing(path) else { throw BatchError.notACopy(path, "there is no such folder") }
        let id: String
        if let bytes = try folder.contents(of: "data/export.json") {
            guard let data = try folder.folder("data"),
                let bundle = try? JSONDecoder().decode(Bundle.self, from: Data(bytes))
            else { throw BatchError.notACopy(path, "its data/export.json cannot be read") }
            (self.archive, root, id) = (nil, data, bundle.archive)
        } else {
            let copy = try ArchiveFolder(path)
            (self.archive, root, id) = (copy, copy.root, copy.identity.archive)
        }
        guard id == archive else { throw BatchError.notACopy(path, "it is of the archive \(id), not of \(archive)") }
    }

    /// Opens the copy of a file of the archive. Returns `nil` if the copy has none that can be opened.
    func file(_ path: String) -> ReadFile? { try? root.file(spelled(path)) }

    /// The full path of the copy of a file.
    func fullPath(of path: String) -> String { root.path(of: spelled(path)) }

    /// The paths in a bundle have `+` where those of the archive have `%`.
    private func spelled(_ path: String) -> String {
        archive == nil ? String(path.map { $0 == "%" ? "+" : $0 }) : path
    }
}
