/// The names that an open object has had so far.
///
/// Up to ``limit`` they stand at the end of ``JSONScanner/names``, a list that all open objects share and that is given
/// back as they close: no object of usual size allocates anything. Beyond, or once a name is written with escapes, they
/// move into a set of its own, hashed with the process's random seed, so that nobody can write an object that makes
/// this slow.
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
        guard text.byte(quote) == UInt8(ascii: "\"") else {
            throw inContainer(text.unexpected(quote, expected: "a member's name in quotes"))
        }
        frame.name = quote..<quote
        let (end, isEscaped): (Int, Bool)
        do throws(PayloadFault) { (end, isEscaped) = try text.string(quote) } catch { throw inToken(error) }
        frame.name = quote..<end
        let range = quote + 1..<end - 1
        let node = isEscaped ? try enterEscaped(range) : try enter(range)
        let colon = skipSpace(end)
        guard text.byte(colon) == UInt8(ascii: ":") else {
            throw inToken(text.unexpected(colon, expected: "a colon"))
        }
        return (skipSpace(colon + 1), node)
    }

    /// Adds a name to those of the current object, where it must be new; gives its node in the tree.
    @inline(__always)
    private mutating func enter(_ range: Range<Int>) throws(PayloadFault) -> Int {
        let name = Name(key: NameKey(text[0..<text.count], range), range: range)
        if frame.seen.isLarge {
            try enterLarge(range, isEscaped: false)
        } else {
            if frame.seen.filter & name.key.bit != 0 { try compare(name) }
            frame.seen.filter |= name.key.bit
            names.append(name)
            if names.count - frame.seen.first > SeenNames.limit { growLarge() }
        }
        return tree.child(of: frame.node, key: name.key, name: text[range])
    }

    @inline(never)
    private mutating func enterEscaped(_ range: Range<Int>) throws(PayloadFault) -> Int {
        if !frame.seen.isLarge { growLarge() }
        try enterLarge(range, isEscaped: true)
        return JSONText.unescaped(text[range]).withUnsafeBytes {
            tree.child(of: frame.node, key: NameKey($0, 0..<$0.count), name: $0)
        }
    }

    private mutating func enterLarge(_ range: Range<Int>, isEscaped: Bool) throws(PayloadFault) {
        let name = HashedName(bytes: text[range], isEscaped: isEscaped)
        guard largeObjects[largeObjects.count - 1].insert(name).inserted else { throw duplicate(range) }
    }

    private func compare(_ name: Name) throws(PayloadFault) {
        let bytes = text[name.range]
        for known in names[frame.seen.first...] where known.key == name.key {
            if RawBytes.areEqual(text[known.range], bytes) {
                throw duplicate(name.range)
            }
        }
    }

    @inline(never)
    private mutating func growLarge() {
        let first = frame.seen.first
        var large = Set<HashedName>(minimumCapacity: 4 * SeenNames.limit)
        for name in names[first...] {
            large.insert(HashedName(bytes: text[name.range], isEscaped: false))
        }
        largeObjects.append(large)
        names.removeSubrange(first...)
        frame.seen.isLarge = true
    }

    /// Gives back what an object took that now closes.
    @inline(__always)
    mutating func forget(_ seen: SeenNames) {
        if seen.isLarge { largeObjects.removeLast() }
        names.removeLast(names.count - seen.first)
    }

    private func duplicate(_ range: Range<Int>) -> PayloadFault {
        let name = PayloadFault.quoted(JSONText.unescaped(text[range]))
        return inContainer(
            PayloadFault(.duplicateName, at: range.lowerBound - 1, "two members named \(name) stand"))
    }
}
