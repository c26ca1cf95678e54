internal import Archive
internal import DurableFiles
internal import Webhooks

/// Where a bag goes: made under a temporary name beside it, and renamed once it is whole.
struct ExportDestination {
    private let parent: Folder
    private let name: String
    /// The folder in a `.tar`, the one in it and named like the file (RFC 8493, section 4); nil where the bag is a folder.
    let bagName: String?

    /// - Throws: ``ExportError`` if something is there already, or its parent folder is missing.
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

    /// Calls `fill` with an empty folder, and puts what it made there under the final name, or leaves nothing behind.
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

    /// The same of a file.
    func makeFile<Result>(_ fill: (inout NewFile) throws -> Result) throws -> Result {
        try make {
            var file = try parent.newFile(temporary)
            let result = try fill(&file)
            try file.finish()
            try requireFree()
            // Never in place of a file that came meanwhile.
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
