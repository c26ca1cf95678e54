package import DurableFiles
package import Webhooks

extension EnvironmentSpool {
    /// Lists the entries in `new/`, in the order of receipt.
    ///
    /// The name `<lower-case UUIDv7>.json` gives the id and the receipt time. Any other name was chosen by another
    /// program: the receipt time is then the file's modification time, and the id is made from
    /// SHA-256(environment, 0, name, 0, bytes).
    ///
    /// Memory holds no more than a few entries beyond the limit.
    ///
    /// - Parameters:
    ///   - previous: The ``SpoolScan/last`` entry of the previous portion. What is not an entry was reported
    ///     then, and is not again.
    ///   - limit: The most entries to list, at least 1: the earliest.
    package func scan(after previous: SpoolEntry? = nil, limit: Int = .max) throws(FileError) -> SpoolScan {
        var earliest = EarliestEntries(limit: limit)
        var total = 0
        var scan = try survey { entry in
            if let previous, !SpoolEntry.precedes(previous, entry) { return }
            total += 1
            earliest.add(entry)
        }
        scan.total = total
        if previous != nil { (scan.odd, scan.unreadable) = ([], []) }
        let entries = earliest.sorted()
        if entries.count < scan.total { scan.last = entries.last }
        scan.entries.reserveCapacity(entries.count)
        for var entry in entries {
            do throws(FileError) {
                if let foreign = entry.foreign {
                    guard let file = try new.file(foreign.name) else { continue }
                    entry.id = try derivedID(of: file, named: foreign.name)
                }
                if scan.hasSidecars { entry.hasSidecar = try new.status(of: entry.name.sidecar) != nil }
                scan.entries.append(entry)
            } catch {
                scan.unreadable.append(error)
            }
        }
        scan.entries.sort { ($0.time, $0.id) < ($1.time, $1.id) }
        return scan
    }

    /// Counts the entries in `new/` and calls `body` with each, in any order. The result lists no entry.
    ///
    /// - Parameter body: Gets entries whose ``SpoolEntry/time`` is known. The id of a file that another program named is not,
    ///   nor is whether an entry has a sidecar.
    package func survey(_ body: (SpoolEntry) -> Void) throws(FileError) -> SpoolScan {
        var scan = SpoolScan()
        func take(_ entry: SpoolEntry) {
            scan.total += 1
            body(entry)
        }
        try new.forEachName { bytes, kind in
            if bytes.first == UInt8(ascii: ".") { return }
            if kind == .file, let id = Self.deliveryID(bytes) { return take(SpoolEntry(id)) }
            let name = String(decoding: bytes, as: UTF8.self)
            guard kind == .file else {
                scan.odd.append("\(new.path(of: name)) is not a regular file, so not a delivery; it is left alone")
                return
            }
            guard !EntryName.isSidecar(bytes) else {
                scan.hasSidecars = true
                return
            }
            guard !name.contains("\u{FFFD}") else {
                scan.odd.append(
                    "\(new.path(of: name)) has a name that is not valid UTF-8; rename it to have it swept")
                return
            }
            do throws(FileError) {
                guard let status = try new.status(of: name) else { return }
                guard Timestamp.fourDigitYears.contains(status.modified) else {
                    scan.odd.append(
                        "\(new.path(of: name)) has a modification time outside the years 0000 to 9999; "
                            + "use touch(1) on it to have it swept")
                    return
                }
                let time = Timestamp(milliseconds: status.modified)
                take(SpoolEntry(foreign: .init(name: name, time: time)))
            } catch {
                scan.unreadable.append(error)
            }
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
