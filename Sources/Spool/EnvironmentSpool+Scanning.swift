package import DurableFiles
package import Webhooks

extension EnvironmentSpool {
    /// Lists the entries in `new/`, in the order of receipt.
    ///
    /// The name `<lower-case UUIDv7>.json` gives the id and the receipt time. Any other name was chosen by another
    /// program: the receipt time is then the file's modification time, and the id is made from
    /// SHA-256(environment, 0, name, 0, bytes).
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
                scan.odd.append("\(new.path(of: name)) is not a regular file, so not a delivery; it is left alone")
                return
            }
            if name.hasSuffix(EntryName.sidecarSuffix) {
                sidecars.insert(name)
            } else if name.contains("\u{FFFD}") {
                scan.odd.append("\(new.path(of: name)) has a name that is not valid UTF-8; rename it to have it swept")
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
                guard Timestamp.fourDigitYears.contains(file.modified) else {
                    scan.odd.append(
                        "\(file.path) has a modification time outside the years 0000 to 9999; "
                            + "use touch(1) on it to have it swept")
                    continue
                }
                scan.entries.append(
                    SpoolEntry(
                        id: try derivedID(of: file, named: name),
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

    /// Returns the id in a name that the receiver gave, or `nil` for any other name.
    private static func deliveryID(_ name: UnsafeBufferPointer<UInt8>) -> DeliveryID? {
        guard name.dropFirst(DeliveryID.textCount).elementsEqual(EntryName.bodySuffix.utf8),
            let id = DeliveryID(utf8: UnsafeBufferPointer(rebasing: name.prefix(DeliveryID.textCount))),
            let time = id.time, time.milliseconds < Timestamp.fourDigitYears.upperBound
        else { return nil }
        return id
    }

    /// Returns another id for an entry whose id already belongs to other bytes. It is made like the id of a file that
    /// another program named.
    package func replacementID(for entry: SpoolEntry) throws(FileError) -> DeliveryID {
        try derivedID(of: payloadFile(of: entry), named: entry.name.body)
    }

    private func derivedID(of file: ReadFile, named name: String) throws(FileError) -> DeliveryID {
        DeliveryID(hash: try hash(of: file, after: "\(environment)\0\(name)\0"))
    }
}
