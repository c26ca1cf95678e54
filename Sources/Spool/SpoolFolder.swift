package import DurableFiles
internal import Glibc
package import Webhooks

/// The folder of deliveries that are acknowledged and not swept yet.
///
///     <spool>/_daybook.json                   the id of the spool's only archive, from the first sweep on
///     <spool>/_sweep.lock                     the lock of the running sweep
///     <spool>/<environment>/tmp/              deliveries that are being received
///     <spool>/<environment>/new/              deliveries that were acknowledged
///     <spool>/<environment>/quarantine/       deliveries that cannot become an event
///
/// The files that can be there, what they mean, and what removes them:
///
/// | on disk | meaning | removed by |
/// | --- | --- | --- |
/// | `tmp/<id>.json`, `tmp/<id>.headers.json` | being received, or abandoned: no 200 was sent | the sweep, after 36 h |
/// | `new/<id>.headers.json` alone | the headers durable, payload not: no 200 was sent | the sweep, after 36 h |
/// | `new/<id>.json`, with or without a sidecar | acknowledged | the sweep, after its commit |
/// | any other regular file in `new/` | renamed into it by another program | the sweep, after its commit |
/// | `quarantine/<id>.reason` alone | a move into quarantine was interrupted | the next sweep completes the move |
/// | `quarantine/<id>.json` with `.reason` | cannot become an event | `daybook quarantine release` or `discard` |
/// | `quarantine/<id>.reason`, and its payload nowhere | left by a release or discard | the sweep, after 36 h |
/// | `quarantine/.….tmp` | a reason that is being written | the sweep, after 36 h |
/// | links, folders, FIFOs, names that are not valid UTF-8 | not Daybook's | nothing: the sweep warns |
/// | other names that begin with `.` | not Daybook's | nothing |
package struct SpoolFolder: Sendable {
    package let root: Folder

    /// Opens an existing spool.
    package init(_ path: String) throws(FileError) {
        root = try Folder(path)
    }

    /// Opens a spool, after making its missing folders durably.
    package static func make(_ path: String) throws -> SpoolFolder {
        _ = try Folder.make(path)
        let spool = try SpoolFolder(path)
        // Existing folders are synced too: the process that made them may have been killed before they were durable.
        try spool.root.syncIntoParent()
        for environment in Environment.allCases {
            let part = try spool.make(environment)
            try part.new.syncIntoParent()
        }
        try spool.root.sync()
        return spool
    }

    /// Opens one environment's part of the spool, after making its missing folders.
    package func make(_ environment: Environment) throws -> EnvironmentSpool {
        for name in ["tmp", "new", "quarantine"] { try root.makeFolder("\(environment)/\(name)") }
        guard let part = try self.environment(environment) else {
            throw FileError(.open, root.path(of: environment.rawValue), code: ENOENT)
        }
        return part
    }

    /// Opens one environment's part of the spool. Returns `nil` if it has no `new/`.
    ///
    /// - Throws: ``SpoolError/otherFilesystem(folder:new:)`` if its folders are on different filesystems, which
    ///   would make renames between them not atomic.
    package func environment(_ environment: Environment) throws -> EnvironmentSpool? {
        guard let new = try root.folder("\(environment)/new") else { return nil }
        let tmp = try root.makeFolder("\(environment)/tmp")
        let quarantine = try root.makeFolder("\(environment)/quarantine")
        for folder in [tmp, quarantine] where try folder.status()?.device != new.status()?.device {
            throw SpoolError.otherFilesystem(folder: folder.path, new: new.path)
        }
        return EnvironmentSpool(environment: environment, tmp: tmp, new: new, quarantine: quarantine)
    }

    /// Runs `body` while no other process can sweep this spool.
    ///
    /// - Parameter purpose: What the lock is held for, as other processes report it.
    /// - Throws: `FolderLock.Held` if another process holds the lock; any error that `body` throws.
    package func withLock<Result>(purpose: String, _ body: () throws -> Result) throws -> Result {
        try root.withLock(named: "_sweep.lock", purpose: purpose, body)
    }

    /// Returns the id of the archive that this spool is swept into, or `nil` before the first sweep.
    ///
    /// - Throws: ``SpoolError/unreadableMarker(_:)`` if the file that names it cannot be parsed.
    package func archiveID() throws -> String? {
        guard let bytes = try root.contents(of: Self.marker) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.hasPrefix(Self.markerStart), text.hasSuffix(Self.markerEnd) else {
            throw SpoolError.unreadableMarker(root.path(of: Self.marker))
        }
        return String(text.dropFirst(Self.markerStart.count).dropLast(Self.markerEnd.count))
    }

    /// Binds the spool to an archive permanently.
    package func bind(toArchive id: String) throws(FileError) {
        try root.replace(Self.marker, with: Array("\(Self.markerStart)\(id)\(Self.markerEnd)".utf8))
    }

    private static let marker = "_daybook.json"
    private static let markerStart = #"{"archive":""#
    private static let markerEnd = "\"}\n"
}
