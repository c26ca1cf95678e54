internal import Webhooks

/// The business that an event is about.
package enum Business: Hashable, Sendable, CustomStringConvertible {
    case named(String)
    /// The payload does not name a business.
    case unassigned

    package init(_ name: String?) { self = name.map(Business.named) ?? .unassigned }

    /// The name, or `nil` if unassigned.
    package var name: String? {
        if case .named(let name) = self { name } else { nil }
    }

    package var description: String { name ?? Self.unassignedSegment }

    // Compared by bytes: to Swift, strings that differ only in Unicode normalisation are equal, but in a ledger
    // they are two businesses.
    package static func == (a: Self, b: Self) -> Bool {
        switch (a, b) {
        case (.named(var a), .named(var b)): a.withUTF8 { a in b.withUTF8 { b in a.elementsEqual(b) } }
        case (.unassigned, .unassigned): true
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(name?.utf8.count)
        guard var name else { return }
        name.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    private static let unassignedSegment = "_unassigned"
    private static let longest = 120
    private static let keptOfLonger = 50

    /// The business as part of a path: injective, and never `.`, `..`, or a name that Daybook uses.
    ///
    /// It is the name in UTF-8, percent-encoded with upper-case hex outside `[A-Za-z0-9._-]`, and for a leading
    /// `_` or `.`. If that exceeds 120 bytes, it is the first whole characters (Unicode scalars) whose
    /// encoding fits in 50 bytes, `~`, and the SHA-256 of the name in 64 digits.
    package var segment: String {
        guard case .named(let name) = self else { return Self.unassignedSegment }
        if name.utf8.count <= Self.longest, name.utf8.first.map({ Self.isKept($0, first: true) }) ?? true,
            name.utf8.allSatisfy({ Self.isKept($0, first: false) })
        {
            return name
        }
        var encoded: [UInt8] = []
        /// The length of the first whole characters that are kept if the name is shortened.
        var kept = 0
        for scalar in name.unicodeScalars {
            for byte in UTF8.encode(scalar) ?? .init() {
                encoded += Self.isKept(byte, first: encoded.isEmpty) ? [byte] : Self.escaped(byte)
            }
            if encoded.count <= Self.keptOfLonger { kept = encoded.count }
        }
        if encoded.count <= Self.longest { return String(decoding: encoded, as: UTF8.self) }
        return String(decoding: encoded[..<kept], as: UTF8.self) + "~\(ContentHash(of: Array(name.utf8)))"
    }

    /// Returns the business that a part of a path names, or `nil` if the part is shortened, or is not one that
    /// ``segment`` returns.
    package init?(segment: some StringProtocol) {
        if segment == Self.unassignedSegment {
            self = .unassigned
            return
        }
        var bytes: [UInt8] = []
        var rest = Array(segment.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let escaped = Hex.decode(String(decoding: rest.prefix(2), as: UTF8.self).lowercased().utf8)?.first
            else { return nil }
            bytes.append(escaped)
            rest = rest.dropFirst(2)
        }
        guard let name = String(validating: bytes, as: UTF8.self) else { return nil }
        self = .named(name)
        guard self.segment == segment else { return nil }
    }

    private static func isKept(_ byte: UInt8, first: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        case UInt8(ascii: "_"), UInt8(ascii: "."):
            !first
        default: false
        }
    }

    private static func escaped(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
}
