/// The pointers that a ``PayloadReader`` looks out for, as a tree of names that the scanner walks down as it goes.
///
/// Nodes are numbers. 0 stands for every place that no pointer leads to, so that the scanner asks nothing there.
struct PointerTree: Sendable {
    struct Node {
        /// Where this node's edges stand in ``PointerTree/edges``.
        var edges = 0..<0
        /// Bit ``NameKey/bit`` of each edge's key: a name whose bit is not set is none of them.
        var filter: UInt64 = 0
        /// Some edge can be an array's index.
        var hasIndexes = false
        /// The value here is to be recorded.
        var isWanted = false
        /// The member or element here is to be left out of the reduced payload.
        var isIgnored = false

        var hasUse: Bool { isWanted || isIgnored }
    }

    struct Edge {
        var key: NameKey
        /// Where the name stands in ``PointerTree/names``.
        var name: Range<Int>
        /// The name as an index (RFC 6901, section 4: digits without leading zeros), or -1.
        var index: Int
        var node: Int
    }

    static let nowhere = 0
    static let root = 1

    private(set) var nodes = [Node(), Node()]
    private(set) var edges: [Edge] = []
    private(set) var names: [UInt8] = []

    init(wanted: [JSONPointer] = [], ignored: [JSONPointer] = []) {
        var children: [[(name: [UInt8], node: Int)]] = [[], []]
        func place(_ pointer: JSONPointer) -> Int {
            pointer.tokens.reduce(Self.root) { parent, token in
                let name = Array(token.utf8)
                if let known = children[parent].first(where: { $0.name == name }) { return known.node }
                children[parent].append((name, nodes.count))
                children.append([])
                nodes.append(Node())
                return nodes.count - 1
            }
        }
        for pointer in wanted { nodes[place(pointer)].isWanted = true }
        // The root is a member of nothing, and cannot be left out.
        for pointer in ignored where !pointer.tokens.isEmpty { nodes[place(pointer)].isIgnored = true }

        for (node, children) in children.enumerated() {
            nodes[node].edges = edges.count..<edges.count + children.count
            for child in children {
                let key = child.name.withUnsafeBytes { NameKey($0, 0..<$0.count) }
                let index = Self.index(child.name) ?? -1
                nodes[node].filter |= key.bit
                if index >= 0 { nodes[node].hasIndexes = true }
                edges.append(
                    Edge(
                        key: key, name: names.count..<names.count + child.name.count, index: index, node: child.node))
                names += child.name
            }
        }
    }

    /// The node that a pointer leads to; ``nowhere`` if it was not among those that the tree was made from.
    func node(of pointer: JSONPointer) -> Int {
        pointer.tokens.reduce(Self.root) { node, token in
            let name = Array(token.utf8)
            return name.withUnsafeBytes { child(of: node, key: NameKey($0, 0..<$0.count), name: $0) }
        }
    }

    /// The node of the member with this name, in an object at `node`.
    func child(of node: Int, key: NameKey, name: UnsafeRawBufferPointer) -> Int {
        guard nodes[node].filter & key.bit != 0 else { return Self.nowhere }
        for edge in nodes[node].edges where edges[edge].key == key && names[edges[edge].name].elementsEqual(name) {
            return edges[edge].node
        }
        return Self.nowhere
    }

    /// The node of the element with this index, in an array at `node`.
    func child(of node: Int, index: Int) -> Int {
        guard nodes[node].hasIndexes else { return Self.nowhere }
        for edge in nodes[node].edges where edges[edge].index == index { return edges[edge].node }
        return Self.nowhere
    }

    private static func index(_ name: [UInt8]) -> Int? {
        guard name.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }),
            name == [UInt8(ascii: "0")] || name.first != UInt8(ascii: "0")
        else { return nil }
        return Int(String(decoding: name, as: UTF8.self))
    }
}

/// A number by which two names are told apart at a glance: equal names have equal keys, and different names nearly
/// always different ones. Never proof of equality, since anyone can make names whose keys are equal.
struct NameKey: Equatable {
    let value: UInt64

    /// One of 64 bits, for filters.
    var bit: UInt64 { 1 << (value >> 58) }

    /// Of the name that stands in `range` of some bytes: made of its first eight bytes, its last eight, and its length.
    @inline(__always)
    init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
        let count = range.count
        var first: UInt64 = 0
        var last: UInt64 = 0
        if let base = bytes.baseAddress, range.lowerBound + 8 <= bytes.count {
            let start = base + range.lowerBound
            let mask: UInt64 = count >= 8 ? ~0 : 1 << UInt64(truncatingIfNeeded: 8 * count) - 1
            first = UInt64(littleEndian: start.loadUnaligned(as: UInt64.self)) & mask
            last = UInt64(littleEndian: (start + max(0, count - 8)).loadUnaligned(as: UInt64.self)) & mask
        } else {
            // Fewer than eight bytes are left: the same numbers, byte by byte.
            for index in range.reversed() { first = first << 8 | UInt64(bytes[index]) }
            last = first
        }
        var mixed = (first ^ UInt64(truncatingIfNeeded: count)) &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ mixed >> 32 ^ last) &* 0xD6E8_FEB8_6659_FD93
        value = mixed
    }
}
