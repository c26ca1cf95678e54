/// The pointers that a ``PayloadReader`` searches for, as a tree of names. The scanner walks it while it reads.
///
/// A node is identified by its index. Index 0 represents all values that no pointer leads to. It has no children, so
/// the scanner compares no names below it.
struct PointerTree: Sendable {
    struct Node {
        /// The range of this node's edges in ``PointerTree/edges``.
        var edges = 0..<0
        /// The ``NameKey/bit`` of each edge's key. A name whose bit is not set matches no edge.
        var filter: UInt64 = 0
        /// Whether any edge can be the index of an array element.
        var hasIndexes = false
        /// Whether the value is one that the scanner records.
        var isWanted = false
        /// Whether the member or element is left out of the reduced payload.
        var isIgnored = false

        var hasUse: Bool { isWanted || isIgnored }
    }

    struct Edge {
        var key: NameKey
        /// The range of the name in ``PointerTree/names``.
        var name: Range<Int>
        /// The name as an array index (RFC 6901, section 4: digits without leading zeros), or -1.
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
        func addNode(for pointer: JSONPointer) -> Int {
            pointer.tokens.reduce(Self.root) { parent, token in
                let name = Array(token.utf8)
                if let known = children[parent].first(where: { $0.name == name }) { return known.node }
                children[parent].append((name, nodes.count))
                children.append([])
                nodes.append(Node())
                return nodes.count - 1
            }
        }
        for pointer in wanted { nodes[addNode(for: pointer)].isWanted = true }
        // The root is not a member of anything, so it cannot be left out.
        for pointer in ignored where !pointer.tokens.isEmpty { nodes[addNode(for: pointer)].isIgnored = true }

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

    /// Returns the node that a pointer leads to, or ``nowhere`` if the tree was made without that pointer.
    func node(of pointer: JSONPointer) -> Int {
        pointer.tokens.reduce(Self.root) { node, token in
            let name = Array(token.utf8)
            return name.withUnsafeBytes { child(of: node, key: NameKey($0, 0..<$0.count), name: $0) }
        }
    }

    /// Returns the node of the member with this name in the object at `node`, or ``nowhere``.
    func child(of node: Int, key: NameKey, name: UnsafeRawBufferPointer) -> Int {
        guard nodes[node].filter & key.bit != 0 else { return Self.nowhere }
        for edge in nodes[node].edges where edges[edge].key == key && names[edges[edge].name].elementsEqual(name) {
            return edges[edge].node
        }
        return Self.nowhere
    }

    /// Returns the node of the element with this index in the array at `node`, or ``nowhere``.
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
