package import DurableFiles
package import Webhooks

/// A delivery in `new/`: acknowledged, and not yet swept.
///
/// Kept small, since a sweep holds one for each delivery: name and time of most are told by the id.
package struct SpoolEntry: Sendable {
    package let id: DeliveryID
    package let hasSidecar: Bool
    /// Where someone else named it.
    fileprivate let foreign: Foreign?

    fileprivate final class Foreign: Sendable {
        let name: String
        let time: Timestamp

        init(name: String, time: Timestamp) {
            self.name = name
            self.time = time
        }
    }

    package var name: EntryName { foreign.map { EntryName(body: $0.name) } ?? EntryName(id) }

    /// Of receipt.
    package var time: Timestamp { foreign?.time ?? id.time ?? Timestamp(milliseconds: 0) }
}

/// What one look into `new/` found.
package struct SpoolScan: Sendable {
    /// In the order of (receipt time, id).
    package var entries: [SpoolEntry] = []
    /// Entries that could not be looked at, and stay.
    package var unreadable: [FileError] = []
    /// What is no entry, and is left alone: a sentence each.
    package var odd: [String] = []
    /// Sidecars of no entry that was found.
    fileprivate var orphans: [String] = []
}

extension EnvironmentSpool {
    /// Finds what is in `new/`, in the order of receipt.
    ///
    /// `<lower-case UUIDv7>.json` tells id and receipt time. Any other name is someone else's: its receipt time is its
    /// modification time, and its id is made of SHA-256(environment, 0, name, 0, bytes).
    package func scan() throws(FileError) -> SpoolScan {
        var scan = SpoolScan()
        var named: [DeliveryID] = []
        var foreign: [String] = []
        var sidecars: Set<String> = []
        try new.forEachName { bytes, kind in
            if bytes.first == UInt8(ascii: ".") { return }
            if kind == .file, let id = Self.deliveryID(bytes) { return named.append(id) }
            let name = String(decoding: bytes, as: UTF8.self)
            guard kind == .file else {
                scan.odd.append("\(new.path(of: name)) is no regular file, and so no delivery: it is left alone")
                return
            }
            if name.hasSuffix(EntryName.sidecarSuffix) {
                sidecars.insert(name)
            } else if name.contains("\u{FFFD}") {
                scan.odd.append("\(new.path(of: name)) has a name that is no UTF-8: rename it, and it will be swept")
            } else {
                foreign.append(name)
            }
        }
        scan.entries.reserveCapacity(named.count + foreign.count)
        for id in named {
            let hasSidecar = !sidecars.isEmpty && sidecars.contains(EntryName(id).sidecar)
            scan.entries.append(SpoolEntry(id: id, hasSidecar: hasSidecar, foreign: nil))
        }
        for name in foreign {
            do throws(FileError) {
                guard let file = try new.file(name) else { continue }
                guard (Timestamp.start..<Timestamp.end).contains(file.modified) else {
                    scan.odd.append(
                        "\(file.path) was last changed in no year that has four digits: touch it, to be swept")
                    continue
                }
                scan.entries.append(
                    SpoolEntry(
                        id: DeliveryID(hash: try hash(of: file, after: "\(environment)\0\(name)\0")),
                        hasSidecar: sidecars.contains(EntryName(body: name).sidecar),
                        foreign: .init(name: name, time: Timestamp(milliseconds: file.modified))))
            } catch {
                scan.unreadable.append(error)
            }
        }
        scan.entries.sort { ($0.time, $0.id) < ($1.time, $1.id) }
        if !sidecars.isEmpty {
            scan.orphans = sidecars.subtracting(scan.entries.lazy.filter(\.hasSidecar).map(\.name.sidecar)).sorted()
        }
        return scan
    }

    /// The id that a name tells, where it is one that Daybook gives.
    private static func deliveryID(_ name: UnsafeBufferPointer<UInt8>) -> DeliveryID? {
        guard name.dropFirst(DeliveryID.textCount).elementsEqual(EntryName.bodySuffix.utf8),
            let id = DeliveryID(utf8: UnsafeBufferPointer(rebasing: name.prefix(DeliveryID.textCount))),
            let time = id.time, time.milliseconds < Timestamp.end
        else { return nil }
        return id
    }

    /// The id of an entry whose own is taken by other bytes: made as that of a file which someone else named.
    package func otherID(of entry: SpoolEntry) throws(FileError) -> DeliveryID {
        guard let file = try new.file(entry.name.body) else {
            throw FileError(.open, new.path(of: entry.name.body), code: 2)
        }
        return DeliveryID(hash: try hash(of: file, after: "\(environment)\0\(entry.name.body)\0"))
    }

    private func hash(of file: ReadFile, after prefix: String) throws(FileError) -> ContentHash {
        var hash = RunningHash()
        hash.add(Array(prefix.utf8))
        var offset = 0
        while offset < file.size {
            let piece = try file.read(at: offset, count: 1 << 18)
            if piece.isEmpty { break }
            hash.add(piece)
            offset += piece.count
        }
        return hash.value
    }

    /// A delivery as it stands in the spool.
    package struct Contents: Sendable {
        /// nil where it is over ``payloadLimit``.
        package var payload: [UInt8]?
        package var hash: ContentHash
        /// Of the payload, in bytes.
        package var size: Int
        /// The sidecar's bytes.
        package var headers: [UInt8]?
    }

    /// The largest payload that a sweep takes into an archive, in bytes; well over what the receiver lets in.
    package static var payloadLimit: Int { 16 << 20 }

    package func read(_ entry: SpoolEntry) throws(FileError) -> Contents {
        let name = entry.name
        guard let file = try new.file(name.body) else { throw FileError(.open, new.path(of: name.body), code: 2) }
        let headers = entry.hasSidecar ? try new.contents(of: name.sidecar) : nil
        guard file.size <= Self.payloadLimit else {
            return Contents(payload: nil, hash: try hash(of: file, after: ""), size: file.size, headers: headers)
        }
        let payload = try file.read(at: 0, count: file.size)
        return Contents(payload: payload, hash: ContentHash(of: payload), size: payload.count, headers: headers)
    }

    /// Takes away entries that are kept elsewhere, the payload before its sidecar, and makes that durable.
    package func clear(_ entries: some Sequence<SpoolEntry>) throws(FileError) {
        for entry in entries {
            try new.remove(entry.name.body)
            if entry.hasSidecar { try new.remove(entry.name.sidecar) }
        }
        try new.sync()
    }

    /// Takes away what receiving left behind unfinished: it was never acknowledged, and the provider sends it again.
    ///
    /// - Parameters:
    ///   - scan: of this part of the spool.
    ///   - age: in milliseconds; younger files are left.
    package func removeLeftovers(_ scan: SpoolScan, olderThan age: Int64, now: Timestamp) throws(FileError) {
        for folder in [tmp, new, quarantine] {
            for name in try folder === new ? scan.orphans : folder.names(.file) {
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

    /// A sidecar or a reason whose payload is nowhere, also not on its way into quarantine or back.
    ///
    /// Either way its sidecar and reason go first, so that they may for a while stand in another folder than it does.
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

extension Timestamp {
    /// The begin of the year 0, before which no date can be written.
    static var start: Int64 { -62_167_219_200_000 }
    /// The end of the year 9999, beyond which no date can be written.
    static var end: Int64 { 253_402_300_800_000 }
}
