/// Reads payloads: whether they can be events, their event type, and their business.
package struct PayloadReader: Sendable {
    /// The maximum depth of nested objects and arrays, including the top-level object.
    package static let maximumDepth = 512

    private let rules: PayloadRules
    private let tree: PointerTree
    private let eventNode: Int
    private let senderNode: Int
    /// For each node of the tree, the indexes of the business rules that point to it, ascending.
    private let rulesAtNode: [[Int]]
    /// The textual forms of the rules' pointers.
    private let pointers: [String]

    package init(rules: PayloadRules) {
        self.rules = rules
        let event = JSONPointer(tokens: ["event"])
        let tree = PointerTree(
            wanted: [event] + rules.business.map(\.pointer) + (rules.senderID.map { [$0] } ?? []),
            ignored: rules.ignoring)
        var rulesAtNode = tree.nodes.map { _ in [Int]() }
        for (index, rule) in rules.business.enumerated() { rulesAtNode[tree.node(of: rule.pointer)].append(index) }
        self.tree = tree
        self.rulesAtNode = rulesAtNode
        eventNode = tree.node(of: event)
        senderNode = rules.senderID.map(tree.node) ?? PointerTree.nowhere
        pointers = rules.business.map(\.pointer.description)
    }

    /// Reads a payload. Throws if it is not a valid event.
    package func read(_ bytes: [UInt8]) throws(PayloadFault) -> Payload {
        try bytes.span.withUnsafeBytes { bytes throws(PayloadFault) in
            let scanner = try scan(bytes)
            var payload = Payload(type: try eventType(in: scanner), hasLineBreak: scanner.hasLineBreak)
            var best = rules.business.count
            for match in scanner.matches {
                for index in rulesAtNode[match.node] where index < best && rule(index, isFor: payload.type) {
                    guard let text = Self.text(of: match, in: bytes) else { break }
                    best = index
                    payload.business = text
                    payload.pointer = pointers[index]
                    break
                }
                if match.node == senderNode { payload.senderID = Self.text(of: match, in: bytes) }
            }
            if !rules.ignoring.isEmpty {
                payload.reducedHash = PayloadReduction.hash(of: bytes, without: scanner.ignored)
            }
            return payload
        }
    }

    /// Returns the business that each rule alone would find, in the order of the rules. Used by `daybook doctor`.
    package func probe(_ bytes: [UInt8]) throws(PayloadFault) -> [String?] {
        try bytes.span.withUnsafeBytes { bytes throws(PayloadFault) in
            let scanner = try scan(bytes)
            let type = try eventType(in: scanner)
            var businesses = rules.business.map { _ in String?.none }
            for match in scanner.matches {
                for index in rulesAtNode[match.node] where rule(index, isFor: type) {
                    businesses[index] = Self.text(of: match, in: bytes)
                }
            }
            return businesses
        }
    }

    private func scan(_ bytes: UnsafeRawBufferPointer) throws(PayloadFault) -> JSONScanner {
        var scanner = try JSONScanner(bytes, maximumDepth: Self.maximumDepth, tree: tree)
        try scanner.scan()
        return scanner
    }

    private func rule(_ index: Int, isFor type: String) -> Bool {
        rules.business[index].events?.contains(type) ?? true
    }

    private func eventType(in scanner: borrowing JSONScanner) throws(PayloadFault) -> String {
        let topStart = scanner.top.range.lowerBound
        guard scanner.top.kind == .object else {
            let kind = scanner.top.kind.name
            throw PayloadFault(.notAnObject, at: topStart, "the top value is \(kind), not an object")
        }
        guard let event = scanner.matches.first(where: { $0.node == eventNode }) else {
            throw PayloadFault(.noEvent, at: topStart, "the top object has no member \"event\"")
        }
        let start = event.range.lowerBound
        guard event.kind.isString else {
            let kind = event.kind.name
            throw PayloadFault(.eventNotAString, at: start, "the value at \"/event\" is \(kind), not a string")
        }
        let type = Self.string(event, in: scanner.text[0..<scanner.text.count])
        guard !type.isEmpty else {
            throw PayloadFault(.eventEmpty, at: start, "the string at \"/event\" is empty")
        }
        if let scalar = CloudEventsText.firstForbidden(in: type) {
            throw PayloadFault(
                .eventForbiddenCharacter, at: start,
                "the string at \"/event\" holds \(PayloadFault.codePoint(scalar)), which CloudEvents 1.0 forbids")
        }
        return type
    }

    /// Returns the text of a string or number that can name a business or identify an event, or `nil` for other values.
    private static func text(of match: JSONScanner.Match, in bytes: UnsafeRawBufferPointer) -> String? {
        switch match.kind {
        case .number:
            return String(decoding: bytes[match.range], as: UTF8.self)
        case .string, .escapedString:
            let text = string(match, in: bytes)
            return !text.isEmpty && CloudEventsText.allows(text) ? text : nil
        case .object, .array, .boolean, .null:
            return nil
        }
    }

    private static func string(_ match: JSONScanner.Match, in bytes: UnsafeRawBufferPointer) -> String {
        match.kind.withCharacters(of: UnsafeRawBufferPointer(rebasing: bytes[match.range])) {
            String(decoding: $0, as: UTF8.self)
        }
    }
}

extension JSONScanner.Kind {
    /// The kind with its article, for messages.
    fileprivate var name: String {
        switch self {
        case .string, .escapedString: "a string"
        case .number: "a number"
        case .object: "an object"
        case .array: "an array"
        case .boolean: "a boolean"
        case .null: "null"
        }
    }
}
