/// The names that an open object has had so far.
///
/// Up to ``limit`` they stand at the end of ``JSONScanner/names``, a list that all open objects share and that is given
/// back as they close: no object of usual size allocates anything. Beyond, they move into a set of its own, hashed with
/// the process's random seed, so that nobody can write an object that makes this slow.
struct SeenNames {
    /// Comparing with one another so many names is quicker than hashing them.
    static let limit = 32

    /// Where in ``JSONScanner/names`` the object's own begin.
    var first = 0
    /// Of each name, ``NameKey/bit``: a name whose bit is not set is new.
    var filter: UInt64 = 0
    var isLarge = false
}

/// A member's name in the text.
struct Name {
    var key: NameKey
    /// Without its quotes.
    var range: Range<Int>
    var isEscaped: Bool
}

/// A name in the set of a large object: equal, and hashed alike, whatever its escapes.
struct HashedName: Hashable {
    /// As written, without quotes.
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

extension JSONScanner {
    /// A member's name and its colon, from the opening quote on. Gives the offset of the member's value, and where that
    /// stands in the tree.
    mutating func memberName(_ quote: Int) throws(PayloadFault) -> (value: Int, node: Int) {
        guard byte(quote) == UInt8(ascii: "\"") else {
            throw unexpected(quote, expected: "a member's name in quotes", place: placeOfContainer)
        }
        frame.name = quote..<quote
        let (end, isEscaped) = try string(quote)
        frame.name = quote..<end
        let range = quote + 1..<end - 1
        let node: Int
        if isEscaped {
            node = try enterEscaped(range)
        } else {
            let name = Name(key: NameKey(bytes, range), range: range, isEscaped: false)
            try enter(name)
            node = tree.child(of: frame.node, key: name.key, name: UnsafeRawBufferPointer(rebasing: bytes[range]))
        }
        let colon = skipSpace(end)
        guard byte(colon) == UInt8(ascii: ":") else {
            throw unexpected(colon, expected: "a colon", place: placeOfValue)
        }
        return (skipSpace(colon + 1), node)
    }

    @inline(never)
    private mutating func enterEscaped(_ range: Range<Int>) throws(PayloadFault) -> Int {
        let text = JSONText.unescaped(UnsafeRawBufferPointer(rebasing: bytes[range]))
        let key = text.withUnsafeBytes { NameKey($0, 0..<$0.count) }
        try enter(Name(key: key, range: range, isEscaped: true))
        return text.withUnsafeBytes { tree.child(of: frame.node, key: key, name: $0) }
    }

    /// Adds a name to those of the current object, where it must be new.
    @inline(__always)
    private mutating func enter(_ name: Name) throws(PayloadFault) {
        if frame.seen.isLarge {
            guard largeObjects[largeObjects.count - 1].insert(hashed(name)).inserted else { throw duplicate(name) }
            return
        }
        if frame.seen.filter & name.key.bit != 0 { try compare(name) }
        frame.seen.filter |= name.key.bit
        names.append(name)
        if names.count - frame.seen.first > SeenNames.limit { growLarge() }
    }

    private func compare(_ name: Name) throws(PayloadFault) {
        for index in frame.seen.first..<names.count where names[index].key == name.key {
            if hashed(names[index]) == hashed(name) { throw duplicate(name) }
        }
    }

    @inline(never)
    private mutating func growLarge() {
        let first = frame.seen.first
        var large = Set<HashedName>(minimumCapacity: 4 * SeenNames.limit)
        for name in names[first...] { large.insert(hashed(name)) }
        largeObjects.append(large)
        names.removeSubrange(first...)
        frame.seen.isLarge = true
    }

    /// Gives back what an object took that now closes.
    @inline(__always)
    mutating func forget(_ seen: SeenNames) {
        if seen.isLarge { largeObjects.removeLast() }
        if names.count > seen.first { names.removeSubrange(seen.first...) }
    }

    private func hashed(_ name: Name) -> HashedName {
        HashedName(bytes: UnsafeRawBufferPointer(rebasing: bytes[name.range]), isEscaped: name.isEscaped)
    }

    private func duplicate(_ name: Name) -> PayloadFault {
        let text = JSONText.unescaped(UnsafeRawBufferPointer(rebasing: bytes[name.range]))
        return PayloadFault(
            .duplicateName, at: name.range.lowerBound - 1,
            "two members \(placeOfContainer) are named \(PayloadFault.quoted(text))")
    }
}
