internal import Archive
internal import DurableFiles
internal import Webhooks

/// Where a bag goes: made under a temporary name beside it, and renamed once it is whole.
struct ExportDestination {
    private let parent: Folder
    private let name: String
    private let isTar: Bool

    /// - Throws: ``ExportError`` where something stands there already, or the folder is missing that it goes into.
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
        isTar = name.hasSuffix(".tar") && name.count > 4
        try requireFree()
        guard try parent.status(of: temporary) == nil else { throw ExportError.unfinished(parent.path(of: temporary)) }
    }

    private var temporary: String { ".\(name).part" }

    private func requireFree() throws {
        guard try parent.status(of: name) == nil else { throw ExportError.exists(parent.path(of: name)) }
    }

    /// Calls `fill` with an empty folder, and puts what it made there under the final name.
    ///
    /// In a `.tar` the bag is the one folder, named like the file (RFC 8493, section 4). Where anything fails, nothing is
    /// left behind.
    func make<Result>(modified: Timestamp, _ fill: (Folder) throws -> Result) throws -> Result {
        do {
            let work = try parent.makeFolder(temporary)
            let result: Result
            if isTar {
                let bag = String(name.dropLast(4))
                result = try fill(work.makeFolder(bag))
                try ExportTar.pack(bag, in: work, as: name, modified: modified)
                // Never in place of a file.
                try requireFree()
                try work.move(name, to: parent, as: name)
                try parent.removeTree(temporary)
            } else {
                result = try fill(work)
                try work.sync()
                try requireFree()
                try parent.rename(temporary, to: parent, as: name)
            }
            try parent.sync()
            return result
        } catch {
            try? parent.removeTree(temporary)
            throw error
        }
    }
}
