internal import DurableFiles
internal import FoundationEssentials

extension EnvironmentSpool {
    /// Writes a quarantined delivery's note, in place of the one it has, and makes it durable.
    package func replaceNote(_ note: QuarantineNote) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let name = EntryName(body: "\(note.id)\(EntryName.bodySuffix)")
        try quarantine.replace(name.reason, with: Array(encoder.encode(note)) + [UInt8(ascii: "\n")])
    }
}
