/// A validator of JSON text (RFC 8259) that makes one pass. It throws the first fault, and records the values that a
/// ``PointerTree`` leads to. It neither builds a tree of values nor converts numbers.
///
/// It is stricter than the RFC: it accepts no duplicate member name, no lone surrogate, no byte order mark, and only a
/// limited depth of nesting. It does not recurse, and its time and memory grow no faster than the text.
///
/// The scanner holds a pointer to the bytes, and must not outlive the call that provides them.
struct JSONScanner: ~Copyable {
    enum Kind: UInt8 {
        case string, escapedString, number, object, array, boolean, null
    }

    /// A value that a pointer in the tree leads to.
    struct Match {
        var node: Int
        var kind: Kind
        /// The range of the value, including quotes and brackets.
        var range: Range<Int>
    }

    /// An open object or array or, as the outermost frame, the text itself.
    struct Frame {
        enum Shape: UInt8 { case text, object, array }

        var shape = Shape.text
        /// The offset of the opening bracket.
        var start = 0
        /// The node of this value in the tree.
        var node = PointerTree.nowhere
        /// The range of the current member's name, including its quotes. Empty before the first member.
        var name = 0..<0
        /// The index of the current element.
        var index = 0
        var seen = SeenNames()
    }

    let text: JSONTokens
    let maximumDepth: Int
    let tree: PointerTree

    /// The innermost open value.
    var frame = Frame()
    /// The values around ``frame``, outermost first.
    var outer: [Frame] = []
    /// The names of the open objects that are not large. See ``SeenNames``.
    var names: [MemberName] = []
    /// The names of the open objects that are large. See ``SeenNames``.
    var largeObjects: [Set<HashedName>] = []

    private(set) var top = Match(node: PointerTree.nowhere, kind: .null, range: 0..<0)
    private(set) var matches: [Match] = []
    /// The ranges of the members and elements to leave out, in the order of their ends.
    private(set) var ignored: [Range<Int>] = []
    var hasLineBreak = false

    init(_ bytes: UnsafeRawBufferPointer, maximumDepth: Int, tree: PointerTree) throws(PayloadFault) {
        guard let text = JSONTokens(bytes) else { throw PayloadFault(.empty, at: 0, "the payload is empty") }
        self.text = text
        self.maximumDepth = maximumDepth
        self.tree = tree
        // Enough for most payloads: growing the lists would cost more than comparing all the names.
        names.reserveCapacity(2 * SeenNames.limit)
        outer.reserveCapacity(8)
        matches.reserveCapacity(4)
    }

    /// Scans the whole text, and throws its first fault.
    mutating func scan() throws(PayloadFault) {
        var at = try firstToken()
        var node = PointerTree.root
        value: while true {
            var start = at
            var kind: Kind
            switch text.byte(at) {
            case UInt8(ascii: "{"):
                try open(.object, at: at, node: node)
                at = skipSpace(at + 1)
                if text.byte(at) != UInt8(ascii: "}") {
                    (at, node) = try memberName(at)
                    continue value
                }
                (start, node) = close()
                kind = .object
                at += 1
            case UInt8(ascii: "["):
                try open(.array, at: at, node: node)
                at = skipSpace(at + 1)
                if text.byte(at) != UInt8(ascii: "]") {
                    node = tree.child(of: node, index: 0)
                    continue value
                }
                (start, node) = close()
                kind = .array
                at += 1
            default:
                do throws(PayloadFault) { (at, kind) = try text.scalar(at) } catch { throw inToken(error) }
            }

            // A value has ended at `at`. The object or array around it continues, or ends as well.
            while true {
                if node != PointerTree.nowhere { record(Match(node: node, kind: kind, range: start..<at)) }
                at = skipSpace(at)
                let next = text.byte(at)
                switch frame.shape {
                case .object:
                    if next == UInt8(ascii: ",") {
                        (at, node) = try memberName(skipSpace(at + 1))
                        continue value
                    }
                    guard next == UInt8(ascii: "}") else {
                        throw inContainer(text.unexpected(at, expected: "a comma or }"))
                    }
                    kind = .object
                case .array:
                    if next == UInt8(ascii: ",") {
                        at = skipSpace(at + 1)
                        frame.index += 1
                        node = tree.child(of: frame.node, index: frame.index)
                        continue value
                    }
                    guard next == UInt8(ascii: "]") else {
                        throw inContainer(text.unexpected(at, expected: "a comma or ]"))
                    }
                    kind = .array
                case .text:
                    guard at >= text.count else { throw text.unexpected(at, expected: "the end") }
                    top = Match(node: node, kind: kind, range: start..<at)
                    return
                }
                (start, node) = close()
                at += 1
            }
        }
    }

    /// Returns the offset of the first token.
    private mutating func firstToken() throws(PayloadFault) -> Int {
        if text.count >= 3, text.byte(0) == 0xEF, text.byte(1) == 0xBB, text.byte(2) == 0xBF {
            throw PayloadFault(
                .byteOrderMark, at: 0, "the payload begins with a byte order mark (EF BB BF), which RFC 8259 forbids")
        }
        let first = skipSpace(0)
        guard first < text.count else {
            throw PayloadFault(.empty, at: text.count, "the payload holds nothing but white space")
        }
        return first
    }

    @inline(__always)
    private mutating func open(_ shape: Frame.Shape, at start: Int, node: Int) throws(PayloadFault) {
        // The first element of `outer` is the text itself, so the count is the depth.
        guard outer.count < maximumDepth else {
            throw PayloadFault(
                .tooDeep, at: start, "more than \(maximumDepth) objects and arrays are open within each other")
        }
        outer.append(frame)
        frame = Frame(shape: shape, start: start, node: node, seen: SeenNames(first: names.count))
    }

    /// Closes the innermost object or array. Returns the offset where it began, and its node in the tree.
    @inline(__always)
    private mutating func close() -> (start: Int, node: Int) {
        let closed = frame
        forget(closed.seen)
        frame = outer.removeLast()
        return (closed.start, closed.node)
    }

    /// Returns the offset of the first byte from `start` on that is not white space (RFC 8259, section 2).
    @inline(__always)
    mutating func skipSpace(_ start: Int) -> Int {
        // Most tokens follow one another without white space.
        text.byte(start) > UInt8(ascii: " ") ? start : skipSpaceSlowly(start)
    }

    @inline(never)
    private mutating func skipSpaceSlowly(_ start: Int) -> Int {
        var at = start
        while at < text.count {
            switch text.byte(at) {
            case UInt8(ascii: " "), UInt8(ascii: "\t"): break
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"): hasLineBreak = true
            default: return at
            }
            at += 1
        }
        return at
    }

    private mutating func record(_ match: Match) {
        guard tree.nodes[match.node].hasUse else { return }
        if tree.nodes[match.node].isWanted { matches.append(match) }
        if tree.nodes[match.node].isIgnored {
            let start = frame.shape == .object ? frame.name.lowerBound : match.range.lowerBound
            ignored.append(start..<match.range.upperBound)
        }
    }
}
