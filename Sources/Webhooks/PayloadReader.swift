/// Reads a payload: whether it can be an event, of which type, and about whom.
package struct PayloadReader: Sendable {
    /// How many objects and arrays may be open within each other, the payload's own object counted.
    package static let maximumDepth = 512

    private let rules: PayloadRules
    private let tree: PointerTree
    private let eventNode: Int
    private let senderNode: Int
    /// For each node of the tree, which of the business rules point there: ascending.
    private let rulesAtNode: [[Int]]
    /// The texts of the rules' pointers.
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

    package func read(_ bytes: [UInt8]) throws(PayloadFault) -> Payload {
        try bytes.span.withUnsafeBytes { bytes throws(PayloadFault) in
            let scanner = try scan(bytes)
            var payload = Payload(type: try eventType(in: scanner), hasLineBreak: scanner.hasLineBreak)
            var best = rules.business.count
            for finding in scanner.findings {
                for index in rulesAtNode[finding.node] where index < best && rule(index, isFor: payload.type) {
                    guard let text = Self.text(of: finding, in: bytes) else { break }
                    best = index
                    payload.business = text
                    payload.pointer = pointers[index]
                    break
                }
                if finding.node == senderNode { payload.senderID = Self.text(of: finding, in: bytes) }
            }
            if !rules.ignoring.isEmpty {
                payload.reducedHash = Reduction.hash(of: bytes, without: scanner.ignored)
            }
            return payload
        }
    }

    /// For each of the business rules in order, the business that it alone would give; for `daybook doctor`.
    package func probe(_ bytes: [UInt8]) throws(PayloadFault) -> [String?] {
        try bytes.span.withUnsafeBytes { bytes throws(PayloadFault) in
            let scanner = try scan(bytes)
            let type = try eventType(in: scanner)
            var businesses = rules.business.map { _ in String?.none }
            for finding in scanner.findings {
                for index in rulesAtNode[finding.node] where rule(index, isFor: type) {
                    businesses[index] = Self.text(of: finding, in: bytes)
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
        guard let event = scanner.findings.first(where: { $0.node == eventNode }) else {
            throw PayloadFault(.noEvent, at: topStart, "the top object has no member \"event\"")
        }
        let start = event.range.lowerBound
        guard event.kind == .string || event.kind == .escapedString else {
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

    /// A string or number that can name a business, or an event.
    private static func text(of finding: JSONScanner.Finding, in bytes: UnsafeRawBufferPointer) -> String? {
        switch finding.kind {
        case .number:
            return String(decoding: bytes[finding.range], as: UTF8.self)
        case .string, .escapedString:
            let text = string(finding, in: bytes)
            return !text.isEmpty && CloudEventsText.allows(text) ? text : nil
        case .object, .array, .boolean, .null:
            return nil
        }
    }

    private static func string(_ finding: JSONScanner.Finding, in bytes: UnsafeRawBufferPointer) -> String {
        let inner = UnsafeRawBufferPointer(
            rebasing: bytes[finding.range.lowerBound + 1..<finding.range.upperBound - 1])
        return finding.kind == .escapedString
            ? String(decoding: JSONText.unescaped(inner), as: UTF8.self) : String(decoding: inner, as: UTF8.self)
    }
}

extension JSONScanner.Kind {
    /// As a sentence has it.
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
