package import DurableFiles
internal import Glibc
package import Webhooks

extension EnvironmentSpool {
    /// Moves entries from `new/` to `quarantine/`, with their bytes unchanged.
    ///
    /// Reasons and sidecars move first, then the payloads. A move that was interrupted is completed.
    package func moveToQuarantine(_ entries: [(entry: SpoolEntry, note: QuarantineNote)]) throws {
        guard !entries.isEmpty else { return }
        for (entry, note) in entries {
            let name = EntryName(body: "\(note.id)\(EntryName.bodySuffix)")
            try replaceNote(note)
            if entry.hasSidecar { try moveToQuarantine(entry.name.sidecar, as: name.sidecar) }
        }
        try quarantine.sync()
        for (entry, note) in entries {
            try moveToQuarantine(entry.name.body, as: "\(note.id)\(EntryName.bodySuffix)")
        }
        try quarantine.sync()
        try new.sync()
    }

    /// Moves one file, unless it has already been moved.
    ///
    /// A power cut may leave a rename half done, with the file under both names. rename(2) does nothing for two names
    /// of one file, so the old name is then removed.
    private func moveToQuarantine(_ name: String, as newName: String) throws(FileError) {
        guard let status = try new.status(of: name) else { return }
        if try quarantine.status(of: newName)?.inode == status.inode {
            try new.remove(name)
        } else {
            try new.rename(name, to: quarantine, as: newName)
        }
    }

    /// Returns the ids of the payloads in `quarantine/`.
    package func quarantined() throws(FileError) -> [DeliveryID] {
        try quarantine.names(.file).compactMap { name in
            name.hasSuffix(EntryName.bodySuffix) ? DeliveryID(name.dropLast(EntryName.bodySuffix.count)) : nil
        }
    }

    /// Returns a quarantined payload, or `nil` if there is none with this id.
    package func quarantinedPayload(_ id: DeliveryID) throws(FileError) -> [UInt8]? {
        try quarantine.contents(of: EntryName(id).body)
    }

    /// Moves a quarantined delivery back to `new/`, under its original name.
    ///
    /// - Throws: ``SpoolError/nameTaken(_:)`` if another entry has that name.
    package func release(_ id: DeliveryID) throws {
        let name = EntryName(id)
        let original = try note(in: name.reason).map { EntryName(body: $0.name) } ?? name
        if try quarantine.status(of: name.body) == nil {
            // Either an interrupted release reached its last step, or there is nothing to release.
            guard try quarantine.status(of: name.reason) != nil else {
                throw FileError(.open, quarantine.path(of: name.body), code: ENOENT)
            }
            return try discard(id)
        }
        if let existing = try new.contents(of: original.body) {
            // An interrupted release leaves the payload under both names.
            guard try existing == quarantine.contents(of: name.body) else {
                throw SpoolError.nameTaken(new.path(of: original.body))
            }
            return try discard(id)
        }
        if try quarantine.status(of: name.sidecar) != nil {
            try quarantine.rename(name.sidecar, to: new, as: original.sidecar)
            try new.sync()
        }
        try quarantine.move(name.body, to: new, as: original.body)
        try quarantine.remove(name.reason)
        try quarantine.sync()
    }

    /// Deletes a quarantined delivery for good, and makes the deletion durable.
    package func discard(_ id: DeliveryID) throws(FileError) {
        let name = EntryName(id)
        // The reason outlasts the payload, even a power cut: it has the id under which the payload was received.
        try quarantine.remove(name.body)
        try quarantine.sync()
        for file in [name.sidecar, name.reason] { try quarantine.remove(file) }
        try quarantine.sync()
    }
}
