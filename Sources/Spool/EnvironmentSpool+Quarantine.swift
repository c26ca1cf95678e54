package import DurableFiles
internal import FoundationEssentials
package import Webhooks

/// Why a delivery was set aside: `quarantine/<id>.reason`, one line of JSON.
package struct QuarantineNote: Codable, Equatable, Sendable {
    package var id: String
    /// The name it had in `new/`, and gets back by a release.
    package var name: String
    /// Of receipt: RFC 3339, UTC.
    package var time: String
    package var sha256: String
    /// In bytes.
    package var size: Int
    package var reason: String
    /// Offset of the cause in the payload, in bytes.
    package var at: Int?

    package init(id: DeliveryID, name: String, time: Timestamp, hash: ContentHash, size: Int, reason: String, at: Int?)
    {
        self.id = id.description
        self.name = name
        self.time = time.description
        self.sha256 = hash.description
        self.size = size
        self.reason = reason
        self.at = at
    }
}

extension EnvironmentSpool {
    /// Moves entries from `new/` to `quarantine/`, bytes untouched: reasons and sidecars first, then the payloads.
    ///
    /// What an interrupted attempt has moved already is left as it is.
    package func setAside(_ entries: [(entry: SpoolEntry, note: QuarantineNote)]) throws {
        guard !entries.isEmpty else { return }
        for (entry, note) in entries {
            let name = EntryName(body: "\(note.id)\(EntryName.bodySuffix)")
            try replaceNote(note)
            if entry.hasSidecar { try moveAside(entry.name.sidecar, as: name.sidecar) }
        }
        try quarantine.sync()
        for (entry, note) in entries { try moveAside(entry.name.body, as: "\(note.id)\(EntryName.bodySuffix)") }
        try quarantine.sync()
        try new.sync()
    }

    /// Moves one file, unless it was moved already.
    ///
    /// A power cut may leave a rename half done, with the file under both names: rename(2) does nothing between those.
    private func moveAside(_ name: String, as newName: String) throws(FileError) {
        guard let status = try new.status(of: name) else { return }
        if try quarantine.status(of: newName)?.number == status.number {
            try new.remove(name)
        } else {
            try new.rename(name, to: quarantine, as: newName)
        }
    }

    /// The ids of the payloads in `quarantine/`.
    package func quarantined() throws(FileError) -> [DeliveryID] {
        try quarantine.names(.file).compactMap { name in
            name.hasSuffix(EntryName.bodySuffix) ? DeliveryID(name.dropLast(EntryName.bodySuffix.count)) : nil
        }
    }

    /// A quarantined payload; nil where there is none of this id.
    package func quarantinedPayload(_ id: DeliveryID) throws(FileError) -> [UInt8]? {
        try quarantine.contents(of: EntryName(id).body)
    }

    /// Gives a quarantined delivery back to `new/`, under the name it came with.
    ///
    /// - Throws: ``SpoolError/nameTaken(_:)`` where another entry has that name by now.
    package func release(_ id: DeliveryID) throws {
        let name = EntryName(id)
        let original = try note(in: name.reason).map { EntryName(body: $0.name) } ?? name
        if try quarantine.status(of: name.body) == nil {
            // An interrupted release came as far as its last step; or there is nothing to release.
            guard try quarantine.status(of: name.reason) != nil else {
                throw FileError(.open, quarantine.path(of: name.body), code: 2)
            }
            return try discard(id)
        }
        if let taken = try new.contents(of: original.body) {
            // An interrupted release leaves the payload under both names.
            guard try taken == quarantine.contents(of: name.body) else {
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

    /// Takes a quarantined delivery away for good.
    package func discard(_ id: DeliveryID) throws(FileError) {
        let name = EntryName(id)
        for file in [name.body, name.sidecar, name.reason] { try quarantine.remove(file) }
        try quarantine.sync()
    }

    /// What the reasons tell, as far as they can be read.
    func notes() throws(FileError) -> [QuarantineNote] {
        var notes: [QuarantineNote] = []
        for name in try quarantine.names(.file) where name.hasSuffix(EntryName.reasonSuffix) {
            if let note = try note(in: name) { notes.append(note) }
        }
        return notes
    }

    /// nil where there is no such reason, or one that cannot be read.
    func note(in name: String) throws(FileError) -> QuarantineNote? {
        guard let bytes = try quarantine.contents(of: name) else { return nil }
        return try? JSONDecoder().decode(QuarantineNote.self, from: Data(bytes))
    }
}
