/// A condition on the values in a payload, for example `/data/amount > 1000 and /data/currency = "NGN"`.
///
///     condition  = comparison *( "and" comparison )
///     comparison = pointer ( ( "=" / "!=" / "<" / "<=" / ">" / ">=" ) value / "~" string / "exists" )
///
/// A `pointer` is a JSON pointer (RFC 6901), in double quotes if it has white space, quotes, or an operator in it. A
/// `value` is a JSON string, number, `true`, `false`, or `null`; a `string` is a JSON string. A comparison with a value
/// that a payload does not have does not match, also with `!=`.
///
/// Numbers are compared as decimals of any length, and so is a string that is a JSON number, if it is compared with a
/// number. Strings are compared by code points. Values of different kinds are never equal, and never less or greater.
/// `~` matches a string in which the regular expression (Swift's `Regex`) is found.
package struct PayloadCondition: Sendable, CustomStringConvertible {
    enum Comparison: String, CaseIterable {
        // The longer ones first, for the parser.
        case notEqual = "!="
        case atMost = "<="
        case atLeast = ">="
        case equal = "="
        case less = "<"
        case greater = ">"
    }

    enum Literal: Equatable {
        case number(DecimalNumber)
        case string([UInt8])
        /// `true`, `false`, or `null`.
        case word([UInt8])
    }

    enum Test {
        case compares(Comparison, Literal)
        case contains(pattern: String)
        case exists
    }

    struct Term {
        let pointer: JSONPointer
        let test: Test
    }

    package let description: String
    let terms: [Term]
    let values: PointedValues

    package init(_ text: String) throws(PayloadConditionError) {
        var parser = PayloadConditionParser(text)
        description = text
        terms = try parser.parse()
        values = PointedValues(terms.map(\.pointer))
    }

    /// The pointers, in the order of the text.
    package var pointers: [JSONPointer] { terms.map(\.pointer) }
}

/// Decides which payloads a ``PayloadCondition`` matches. One thread uses it.
package final class PayloadMatcher {
    private let condition: PayloadCondition
    private let patterns: [Regex<AnyRegexOutput>?]
    private var holds: [Bool]
    /// For each pointer of the condition, whether any payload so far has a value there.
    package private(set) var found: [Bool]

    package init(_ condition: PayloadCondition) {
        self.condition = condition
        patterns = condition.terms.map { term in
            guard case .contains(let pattern) = term.test else { return nil }
            return PayloadCondition.regex(pattern)
        }
        holds = condition.terms.map { _ in false }
        found = holds
    }

    /// - Throws: The fault of a payload that is not valid.
    package func matches(_ payload: UnsafeRawBufferPointer) throws(PayloadFault) -> Bool {
        for index in holds.indices { holds[index] = false }
        try condition.values.find(in: payload) { index, kind, json in
            found[index] = true
            holds[index] = test(index, kind, json)
        }
        return holds.allSatisfy { $0 }
    }

    private func test(_ index: Int, _ kind: JSONScanner.Kind, _ json: UnsafeRawBufferPointer) -> Bool {
        switch condition.terms[index].test {
        case .exists: true
        case .contains:
            kind.isString
                && kind.withCharacters(of: json) { characters in
                    let text = String(decoding: characters, as: UTF8.self)
                    return patterns[index].map { (try? $0.firstMatch(in: text)) ?? nil } ?? nil != nil
                }
        case .compares(let comparison, let literal): comparison.holds(for: literal.order(of: kind, json))
        }
    }
}

extension PayloadCondition {
    static func regex(_ pattern: String) -> Regex<AnyRegexOutput>? {
        // As in all comparisons, code points count, not what a reader would see as one character.
        try? Regex(pattern).matchingSemantics(.unicodeScalar)
    }
}

extension PayloadCondition.Comparison {
    fileprivate func holds(for order: PayloadCondition.Order) -> Bool {
        switch self {
        case .equal: order == .same
        case .notEqual: order != .same
        case .less: order == .before
        case .atMost: order == .before || order == .same
        case .greater: order == .after
        case .atLeast: order == .after || order == .same
        }
    }
}

extension PayloadCondition {
    fileprivate enum Order {
        case before, same, after
        /// Of values of different kinds, or of kinds that have no order.
        case none

        init<Value: Comparable>(_ a: Value, _ b: Value) { self = a < b ? .before : b < a ? .after : .same }
    }
}

extension PayloadCondition.Literal {
    /// Returns the place of a payload's value before or after this one.
    fileprivate func order(of kind: JSONScanner.Kind, _ json: UnsafeRawBufferPointer) -> PayloadCondition.Order {
        switch self {
        case .number(let number):
            let value =
                switch kind {
                case .number: DecimalNumber(json)
                case .string, .escapedString: kind.withCharacters(of: json) { DecimalNumber($0) }
                case .object, .array, .boolean, .null: DecimalNumber?.none
                }
            return value.map { PayloadCondition.Order($0, number) } ?? .none
        case .string(let string):
            guard kind.isString else { return .none }
            return kind.withCharacters(of: json) { characters in
                // The order of UTF-8 is that of code points.
                if characters.elementsEqual(string) { return .same }
                return characters.lexicographicallyPrecedes(string) ? .before : .after
            }
        case .word(let word):
            return json.elementsEqual(word) ? .same : .none
        }
    }
}
