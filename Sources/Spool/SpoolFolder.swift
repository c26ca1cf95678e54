package import DurableFiles
package import Webhooks

/// The folder of deliveries that are acknowledged and not yet swept.
///
///     <spool>/_daybook.json                   the id of the one archive this spool is swept into, from the first sweep
///     on
///     <spool>/_sweep.lock                     held by the sweep that runs
///     <spool>/<environment>/tmp/              deliveries in the making
///     <spool>/<environment>/new/              deliveries that were acknowledged
///     <spool>/<environment>/quarantine/       deliveries that cannot become an event
///
/// What may stand there, what it means, and who takes it away:
///
/// | on disk | means | taken away by |
/// | --- | --- | --- |
/// | `tmp/<id>.json`, `tmp/<id>.headers.json` | being received, or given up: no 200 was sent | the sweep, once 36 h old |
/// | `new/<id>.headers.json` alone | headers durable, payload not: no 200 was sent | the sweep, once 36 h old |
/// | `new/<id>.json`, with a sidecar or without | acknowledged | the sweep, after its commit |
/// | `new/` any other regular file | put there by someone, by rename | the sweep, after its commit |
/// | `quarantine/<id>.reason` alone | a move into quarantine was cut | the next sweep completes the move |
/// | `quarantine/<id>.json` with `.reason` | cannot become an event | `daybook quarantine release` or `discard` |
/// | `quarantine/<id>.reason` alone, and no such name in `new/` | what a release or a discard left | the sweep, once 36 h old |
/// | links, folders, FIFOs, names that are no UTF-8 | not ours | nobody: the sweep warns |
/// | `quarantine/.….tmp` | a reason in the making | the sweep, once 36 h old |
/// | other names that begin with `.` | not ours | nobody |
package struct SpoolFolder: Sendable {
    package let root: Folder

    /// Opens a spool that exists.
    package init(_ path: String) throws(FileError) {
        root = try Folder(path)
    }

    /// Opens a spool, after making what is missing of it, durably.
    package static func make(_ path: String) throws -> SpoolFolder {
        _ = try Folder.make(path)
        let spool = try SpoolFolder(path)
        // Also what stood already: whoever made it may have been killed before it was durable.
        try spool.root.syncIntoParent()
        for environment in Environment.allCases {
            let part = try spool.make(environment)
            try part.new.syncIntoParent()
        }
        try spool.root.sync()
        return spool
    }

    /// The part of one environment, after making what is missing of it.
    package func make(_ environment: Environment) throws -> EnvironmentSpool {
        for name in ["tmp", "new", "quarantine"] { try root.makeFolder("\(environment)/\(name)") }
        guard let part = try self.environment(environment) else {
            throw FileError(.open, root.path(of: environment.rawValue), code: 2)
        }
        return part
    }

    /// The part of one environment; nil where it has no `new/`.
    ///
    /// - Throws: ``SpoolError/otherFilesystem(_:_:)`` where a rename between its folders could not be atomic.
    package func environment(_ environment: Environment) throws -> EnvironmentSpool? {
        guard let new = try root.folder("\(environment)/new") else { return nil }
        let tmp = try root.makeFolder("\(environment)/tmp")
        let quarantine = try root.makeFolder("\(environment)/quarantine")
        for folder in [tmp, quarantine] where try folder.status()?.device != new.status()?.device {
            throw SpoolError.otherFilesystem(folder.path, new.path)
        }
        return EnvironmentSpool(environment: environment, tmp: tmp, new: new, quarantine: quarantine)
    }

    /// Keeps any other sweep off this spool.
    package func lock(purpose: String) throws -> FolderLock {
        try FolderLock(root, name: "_sweep.lock", purpose: purpose)
    }

    /// The archive this spool is swept into, as the first sweep wrote it; nil before that.
    package func archiveID() throws -> String? {
        guard let bytes = try root.contents(of: Self.marker) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.hasPrefix(Self.markerStart), text.hasSuffix(Self.markerEnd) else {
            throw SpoolError.unreadableMarker(root.path(of: Self.marker))
        }
        return String(text.dropFirst(Self.markerStart.count).dropLast(Self.markerEnd.count))
    }

    /// Binds the spool to an archive for good.
    package func bind(toArchive id: String) throws(FileError) {
        try root.replace(Self.marker, with: Array("\(Self.markerStart)\(id)\(Self.markerEnd)".utf8))
    }

    private static let marker = "_daybook.json"
    private static let markerStart = #"{"archive":""#
    private static let markerEnd = "\"}\n"
}

/// One environment's part of the spool.
package struct EnvironmentSpool: Sendable {
    package let environment: Environment
    package let tmp: Folder
    package let new: Folder
    package let quarantine: Folder
    /// Of ``new``.
    let names: GroupSync

    init(environment: Environment, tmp: Folder, new: Folder, quarantine: Folder) {
        self.environment = environment
        self.tmp = tmp
        self.new = new
        self.quarantine = quarantine
        names = GroupSync { () throws(FileError) in try new.sync() }
    }
}

package enum SpoolError: Error, CustomStringConvertible {
    case otherFilesystem(String, String)
    case unreadableMarker(String)
    case nameTaken(String)

    package var description: String {
        switch self {
        case .otherFilesystem(let folder, let new):
            "\(folder) lies on another filesystem than \(new), so a rename between them cannot be atomic; "
                + "put both on one filesystem"
        case .nameTaken(let path):
            "\(path) exists, so the release cannot give that name back; sweep first, then release again"
        case .unreadableMarker(let path):
            "\(path) does not name an archive; restore it from a backup, or remove it if this spool was never swept"
        }
    }
}
