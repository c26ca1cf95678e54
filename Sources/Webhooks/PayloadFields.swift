/// Reads chosen values from payloads.
package struct PayloadFields: Sendable {
    /// A value as the payload has it.
    package struct Value: Equatable, Sendable {
        /// The JSON text, byte for byte: a number has all its digits.
        package let json: [UInt8]
        /// A string's characters, nothing for `null`, and otherwise the JSON text.
        package let text: String
        package let isNumber: Bool
    }

    package let pointers: [JSONPointer]
    private let values: PointedValues

    package init(_ pointers: [JSONPointer]) {
        self.pointers = pointers
        values = PointedValues(pointers)
    }

    /// Returns the value of each pointer, or `nil` if it leads to none.
    ///
    /// - Throws: The fault of a payload that is not valid.
    package func read(_ payload: UnsafeRawBufferPointer) throws(PayloadFault) -> [Value?] {
        var found = pointers.map { _ in Value?.none }
        try values.find(in: payload) { index, kind, json in
            let text =
                switch kind {
                case .string, .escapedString: kind.withCharacters(of: json) { String(decoding: $0, as: UTF8.self) }
                case .null: ""
                case .number, .boolean, .object, .array: String(decoding: json, as: UTF8.self)
                }
            found[index] = Value(json: Array(json), text: text, isNumber: kind == .number)
        }
        return found
    }
}
