/// One pass over a JSON text (RFC 8259), which finds it valid or throws its first fault, and notes on the way what
/// stands where a ``PointerTree`` leads. No tree of values is built and no number converted.
///
/// Stricter than the RFC asks: no member name twice in an object, no lone surrogate, a limit of nesting, no byte order
/// mark. It does not recurse, and its time and memory grow no faster than the text.
///
/// The scanner holds a pointer to the bytes, and must not outlive the call that lent them.
struct JSONScanner: ~Copyable {
    enum Kind: UInt8 {
        case string, escapedString, number, object, array, boolean, null
    }

    /// A value where the tree leads.
    struct Finding {
        var node: Int
        var kind: Kind
        /// Quotes and brackets included.
        var range: Range<Int>
    }

    /// An object or array that is open; or, as the outermost, the text itself.
    struct Frame {
        enum Shape: UInt8 { case text, object, array }

        var shape = Shape.text
        /// Offset of the bracket.
        var start = 0
        /// Where this value stands in the tree.
        var node = PointerTree.nowhere
        /// Of the current member, from quote to quote; empty before the first.
        var name = 0..<0
        /// Of the current element.
        var index = 0
        var seen = SeenNames()
    }

    let text: JSONTokens
    let maximumDepth: Int
    let tree: PointerTree

    /// The innermost open value; those around it, outermost first, are in `outer`.
    var frame = Frame()
    var outer: [Frame] = []
    /// See ``SeenNames``.
    var names: [Name] = []
    var largeObjects: [Set<HashedName>] = []

    private(set) var top = Finding(node: PointerTree.nowhere, kind: .null, range: 0..<0)
    private(set) var findings: [Finding] = []
    /// Members and elements to leave out, in the order of their ends.
    private(set) var ignored: [Range<Int>] = []
    var hasLineBreak = false

    init(_ bytes: UnsafeRawBufferPointer, maximumDepth: Int, tree: PointerTree) throws(PayloadFault) {
        guard let text = JSONTokens(bytes) else { throw PayloadFault(.empty, at: 0, "the payload is empty") }
        self.text = text
        self.maximumDepth = maximumDepth
        self.tree = tree
        // Enough for what is usual: growing costs more than all the names of a payload do.
        names.reserveCapacity(2 * SeenNames.limit)
        outer.reserveCapacity(8)
        findings.reserveCapacity(4)
    }

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

            // A value has ended at `at`: what it stands in goes on, or ends too.
            while true {
                if node != PointerTree.nowhere { note(Finding(node: node, kind: kind, range: start..<at)) }
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
                    top = Finding(node: node, kind: kind, range: start..<at)
                    return
                }
                (start, node) = close()
                at += 1
            }
        }
    }

    /// Offset of the first token.
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
        // `outer` has the text itself as its first, once anything is open.
        guard outer.count < maximumDepth else {
            throw PayloadFault(
                .tooDeep, at: start, "more than \(maximumDepth) objects and arrays are open within each other")
        }
        outer.append(frame)
        frame = Frame(shape: shape, start: start, node: node, seen: SeenNames(first: names.count))
    }

    /// Leaves the innermost object or array, and gives where it began and where it stands in the tree.
    @inline(__always)
    private mutating func close() -> (start: Int, node: Int) {
        let closed = frame
        forget(closed.seen)
        frame = outer.removeLast()
        return (closed.start, closed.node)
    }

    /// White space (RFC 8259, section 2) from an offset on; gives the offset of what is none.
    @inline(__always)
    mutating func skipSpace(_ start: Int) -> Int {
        // Most tokens have none before them.
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

    private mutating func note(_ finding: Finding) {
        guard tree.nodes[finding.node].hasUse else { return }
        if tree.nodes[finding.node].isWanted { findings.append(finding) }
        if tree.nodes[finding.node].isIgnored {
            let start = frame.shape == .object ? frame.name.lowerBound : finding.range.lowerBound
            ignored.append(start..<finding.range.upperBound)
        }
    }
}
