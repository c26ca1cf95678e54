internal import Archive
internal import DurableFiles
internal import Webhooks

/// The destination of a bag, which is written under a temporary name beside it and renamed when it is complete.
struct ExportDestination {
    private let parent: Folder
    private let name: String
    /// The name of the only folder in a `.tar`, which is the file's name without `.tar` (RFC 8493, section 4), or
    /// `nil` if the bag is a folder.
    let bagName: String?

    /// - Throws: ``ExportError`` if the path already exists, or its parent folder does not.
    init(_ path: String) throws {
        var path = path[...]
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        let (folder, name) = ArchivePath.split(String(path))
        guard !["", ".", ".."].contains(name) else { throw ExportError.exists(String(path)) }
        guard let parent = try Folder.existing(folder.isEmpty ? "/" : folder) else {
            throw ExportError.noFolder(folder)
        }
        self.parent = parent
        self.name = name
        bagName = name.hasSuffix(".tar") && name.count > 4 ? String(name.dropLast(4)) : nil
        try requireFree()
        guard try parent.status(of: temporary) == nil else { throw ExportError.unfinished(parent.path(of: temporary)) }
    }

    private var temporary: String { ".\(name).part" }

    private func requireFree() throws {
        guard try parent.status(of: name) == nil else { throw ExportError.exists(parent.path(of: name)) }
    }

    /// Calls `fill` with an empty folder, and renames that to the final name. If `fill` throws, nothing is left.
    func makeFolder<Result>(_ fill: (Folder) throws -> Result) throws -> Result {
        try make {
            let work = try parent.makeFolder(temporary)
            let result = try fill(work)
            try work.sync()
            try requireFree()
            try parent.rename(temporary, to: parent, as: name)
            try parent.sync()
            return result
        }
    }

    /// Calls `fill` with an empty file, and renames that to the final name. If `fill` throws, nothing is left.
    func makeFile<Result>(_ fill: (inout NewFile) throws -> Result) throws -> Result {
        try make {
            var file = try parent.newFile(temporary)
            let result = try fill(&file)
            try file.finish()
            try requireFree()
            // A file that was created in the meantime is not replaced.
            try parent.move(temporary, to: parent, as: name)
            return result
        }
    }

    private func make<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            try? parent.removeTree(temporary)
            throw error
        }
    }
}
