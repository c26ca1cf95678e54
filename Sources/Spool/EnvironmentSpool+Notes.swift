internal import DurableFiles
internal import FoundationEssentials

extension EnvironmentSpool {
    /// Writes a quarantined delivery's note, replacing its previous one, and makes it durable.
    package func replaceNote(_ note: QuarantineNote) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let name = EntryName(body: "\(note.id)\(EntryName.bodySuffix)")
        try quarantine.replace(name.reason, with: Array(encoder.encode(note)) + [UInt8(ascii: "\n")])
    }

    /// Returns all notes in `quarantine/` that can be decoded.
    func notes() throws(FileError) -> [QuarantineNote] {
        var notes: [QuarantineNote] = []
        for name in try quarantine.names(.file) where name.hasSuffix(EntryName.reasonSuffix) {
            if let note = try note(in: name) { notes.append(note) }
        }
        return notes
    }

    /// Returns the note in the file `name`, or `nil` if it does not exist or cannot be decoded.
    func note(in name: String) throws(FileError) -> QuarantineNote? {
        guard let bytes = try quarantine.contents(of: name) else { return nil }
        return try? JSONDecoder().decode(QuarantineNote.self, from: Data(bytes))
    }
}
