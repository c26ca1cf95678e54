/// Finds the values that pointers lead to, in one pass over a payload.
struct PointedValues: Sendable {
    private let tree: PointerTree
    /// For each node of the tree, the indexes of the pointers that lead to it.
    private let pointersAtNode: [[Int]]

    init(_ pointers: [JSONPointer]) {
        tree = PointerTree(wanted: pointers)
        var pointersAtNode = tree.nodes.map { _ in [Int]() }
        for (index, pointer) in pointers.enumerated() { pointersAtNode[tree.node(of: pointer)].append(index) }
        self.pointersAtNode = pointersAtNode
    }

    /// Calls `body` with the index of each pointer that leads to a value, and the value, which is valid only within the
    /// call.
    ///
    /// - Throws: The fault of a payload that is not valid.
    func find(
        in payload: UnsafeRawBufferPointer, _ body: (Int, JSONScanner.Kind, UnsafeRawBufferPointer) -> Void
    ) throws(PayloadFault) {
        var scanner = try JSONScanner(payload, maximumDepth: PayloadReader.maximumDepth, tree: tree)
        try scanner.scan()
        for match in scanner.matches {
            let value = UnsafeRawBufferPointer(rebasing: payload[match.range])
            for index in pointersAtNode[match.node] { body(index, match.kind, value) }
        }
    }
}

extension JSONScanner.Kind {
    var isString: Bool { self == .string || self == .escapedString }

    /// Calls `body` with the characters of a string, in UTF-8, without its quotes and escapes.
    func withCharacters<Result>(
        of string: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        let inner = UnsafeRawBufferPointer(rebasing: string[1..<string.count - 1])
        return self == .escapedString ? JSONText.unescaped(inner).withUnsafeBytes(body) : body(inner)
    }
}
