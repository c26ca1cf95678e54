extension JSONScanner {
    /// Reads the name of a member and its colon, from the opening quote on.
    ///
    /// - Returns: The offset of the member's value, and the value's node in the tree.
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

    /// Adds a name to those of the current object, in which it must be new. Returns its node in the tree.
    @inline(__always)
    private mutating func enter(_ range: Range<Int>) throws(PayloadFault) -> Int {
        let name = MemberName(key: NameKey(text[0..<text.count], range), range: range)
        if frame.seen.isLarge {
            try enterInSet(range, isEscaped: false)
        } else {
            if frame.seen.filter & name.key.bit != 0 { try checkIsNew(name) }
            frame.seen.filter |= name.key.bit
            names.append(name)
            if names.count - frame.seen.first > SeenNames.limit { moveNamesToSet() }
        }
        return tree.child(of: frame.node, key: name.key, name: text[range])
    }

    @inline(never)
    private mutating func enterEscaped(_ range: Range<Int>) throws(PayloadFault) -> Int {
        if !frame.seen.isLarge { moveNamesToSet() }
        try enterInSet(range, isEscaped: true)
        return JSONText.unescaped(text[range]).withUnsafeBytes {
            tree.child(of: frame.node, key: NameKey($0, 0..<$0.count), name: $0)
        }
    }

    private mutating func enterInSet(_ range: Range<Int>, isEscaped: Bool) throws(PayloadFault) {
        let name = HashedName(bytes: text[range], isEscaped: isEscaped)
        guard largeObjects[largeObjects.count - 1].insert(name).inserted else { throw duplicateName(range) }
    }

    private func checkIsNew(_ name: MemberName) throws(PayloadFault) {
        let bytes = text[name.range]
        for known in names[frame.seen.first...] where known.key == name.key {
            if RawBytes.areEqual(text[known.range], bytes) {
                throw duplicateName(name.range)
            }
        }
    }

    @inline(never)
    private mutating func moveNamesToSet() {
        let first = frame.seen.first
        var large = Set<HashedName>(minimumCapacity: 4 * SeenNames.limit)
        for name in names[first...] {
            large.insert(HashedName(bytes: text[name.range], isEscaped: false))
        }
        largeObjects.append(large)
        names.removeSubrange(first...)
        frame.seen.isLarge = true
    }

    /// Removes the names of an object that ends.
    @inline(__always)
    mutating func forget(_ seen: SeenNames) {
        if seen.isLarge { largeObjects.removeLast() }
        names.removeLast(names.count - seen.first)
    }

    private func duplicateName(_ range: Range<Int>) -> PayloadFault {
        let name = PayloadFault.quoted(JSONText.unescaped(text[range]))
        return inContainer(
            PayloadFault(.duplicateName, at: range.lowerBound - 1, "two members are named \(name)"))
    }
}
