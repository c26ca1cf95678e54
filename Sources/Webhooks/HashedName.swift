/// A name in the set of a large object. Escapes do not matter for its equality and hash.
struct HashedName: Hashable {
    /// The name as written, without quotes.
    var bytes: UnsafeRawBufferPointer
    var isEscaped: Bool

    func hash(into hasher: inout Hasher) {
        if isEscaped {
            JSONText.unescaped(bytes).withUnsafeBytes { hasher.combine(bytes: $0) }
        } else {
            hasher.combine(bytes: bytes)
        }
    }

    static func == (a: Self, b: Self) -> Bool {
        switch (a.isEscaped, b.isEscaped) {
        case (false, false): RawBytes.areEqual(a.bytes, b.bytes)
        case (true, false): JSONText.unescaped(a.bytes).withUnsafeBytes { RawBytes.areEqual($0, b.bytes) }
        case (false, true): b == a
        case (true, true): JSONText.unescaped(a.bytes) == JSONText.unescaped(b.bytes)
        }
    }
}
