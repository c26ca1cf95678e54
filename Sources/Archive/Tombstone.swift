package import Webhooks

/// The last members of a line that is in place of one that is gone. They keep its number, and its part in the hash of
/// the file's lines, ``LinesHash``.
///
///     …,"linehash":<SHA-256 of the line that was here, without LF>,"gone":"erased","record":<number of the record>}
///
/// ``EventTombstone`` is such a line of an archive file. In a ledger, it is a redelivery whose payload is gone.
package struct Tombstone: Equatable, Sendable {
    /// Why the line is gone.
    package enum Gone: String, Sendable {
        /// A person decided it.
        case erased
        /// It was damaged, and no copy had it.
        case lost
    }

    /// The hash of the line that was there, without its LF; `nil` if it was lost, and with it its hash.
    package var lineHash: ContentHash?
    package var gone: Gone
    /// The number of the record of who decided it, and why.
    package var record: Int

    package init(lineHash: ContentHash?, gone: Gone, record: Int) {
        self.lineHash = lineHash
        self.gone = gone
        self.record = record
    }

    /// Reads the members from a line, or returns `nil` if it is not a tombstone.
    init?(_ members: LineReader) throws(LineFault) {
        guard let gone = members["gone"] else { return nil }
        guard let gone = Gone(rawValue: try gone.text) else {
            throw LineFault("\"gone\" is \(try gone.text), which this program does not know")
        }
        let hash = try members["linehash"].map { _ throws(LineFault) in try members.hash("linehash") }
        guard hash != nil || gone == .lost else { throw LineFault("\"linehash\" is missing") }
        self.init(lineHash: hash, gone: gone, record: try members.number("record"))
    }

    /// Returns whether a line may be a tombstone, as every tombstone ends in a number.
    ///
    /// An event does not: its last member is its payload, which is an object. Some lines of ledgers do.
    static func canBe(_ line: UnsafeRawBufferPointer) -> Bool {
        line.count > 2 && (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(line[line.count - 2])
    }

    /// Returns the hash of the line that a tombstone replaced, or `nil` if the line is not a tombstone that has one.
    static func lineHash(in line: UnsafeRawBufferPointer) -> ContentHash? {
        guard canBe(line), let members = try? LineReader(line, before: nil) else { return nil }
        return (try? Tombstone(members))?.lineHash
    }
}

extension LineBytes {
    mutating func add(_ tombstone: Tombstone) {
        if let hash = tombstone.lineHash { add("linehash", hash) }
        add("gone", plain: tombstone.gone.rawValue)
        add("record", number: tombstone.record)
    }
}
