package import DurableFiles
package import Webhooks

extension EnvironmentSpool {
    /// Removes an entry that has been archived, the payload before its sidecar. The removal is durable once ``new`` is
    /// synced.
    package func remove(_ entry: SpoolEntry) throws(FileError) {
        try new.remove(entry.name.body)
        if entry.hasSidecar { try new.remove(entry.name.sidecar) }
    }

    /// Removes files that an interrupted reception left.
    ///
    /// They were never acknowledged, so the provider sends them again.
    ///
    /// - Parameters:
    ///   - scan: A scan of this environment's spool.
    ///   - age: The minimum age, in milliseconds. Younger files are kept.
    package func removeLeftovers(_ scan: SpoolScan, olderThan age: Int64, now: Timestamp) throws(FileError) {
        for folder in [tmp, new, quarantine] {
            for name in try folder === new ? orphans(scan) : folder.names(.file) {
                let isTemporary =
                    folder === tmp
                    ? name != ".gitkeep" : folder === quarantine && name.hasPrefix(".") && name.hasSuffix(".tmp")
                let isLeftover = try isTemporary ? true : isOrphan(name, in: folder)
                guard isLeftover, let status = try folder.status(of: name),
                    status.modified < now.milliseconds - age
                else { continue }
                try folder.remove(name)
            }
        }
    }

    /// Returns the names of the sidecars in `new/` that have no payload anywhere.
    private func orphans(_ scan: SpoolScan) throws(FileError) -> [String] {
        var orphans: [String] = []
        guard scan.hasSidecars else { return orphans }
        var failure: FileError?
        try new.forEachName { bytes, kind in
            guard kind == .file, EntryName.isSidecar(bytes), failure == nil else { return }
            do throws(FileError) {
                let name = String(decoding: bytes, as: UTF8.self)
                if try isOrphan(name, in: new) { orphans.append(name) }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return orphans
    }

    /// Whether a file is a sidecar or a reason whose payload no longer exists.
    ///
    /// The payload may be on its way into quarantine or back. In either direction its sidecar and reason move first, so
    /// for a while they are in a different folder.
    private func isOrphan(_ name: String, in folder: Folder) throws(FileError) -> Bool {
        if name.hasSuffix(EntryName.sidecarSuffix) {
            let stem = String(name.dropLast(EntryName.sidecarSuffix.count))
            for payload in [stem + EntryName.bodySuffix, stem] where try folder.status(of: payload) != nil {
                return false
            }
            if folder === quarantine { return try quarantine.status(of: stem + EntryName.reasonSuffix) == nil }
            return try !notes().contains { EntryName(body: $0.name).sidecar == name }
        }
        if folder === quarantine, name.hasSuffix(EntryName.reasonSuffix) {
            let stem = String(name.dropLast(EntryName.reasonSuffix.count))
            if try quarantine.status(of: stem + EntryName.bodySuffix) != nil { return false }
            return try note(in: name).map { note throws(FileError) in try new.status(of: note.name) == nil } ?? false
        }
        return false
    }
}
