internal import Webhooks

extension ColumnBuffer {
    /// Appends a value of a payload, or NULL where there is none, or it is `null`.
    ///
    /// - Returns: Whether the value fits the type exactly. If it does not, NULL is appended: nothing is rounded.
    mutating func append(_ value: PayloadFields.Value?) -> Bool {
        guard let value, value.json != Array("null".utf8) else {
            appendNull()
            return true
        }
        let hasValue =
            switch type {
            case .text: append(text(value))
            case .json: append(value.json)
            case .integer: append(number(value, scale: 0, precision: 19).flatMap { Int64(exactly: $0) })
            case .decimal(let precision, let scale): append(number(value, scale: scale, precision: precision))
            case .boolean: append(boolean(value))
            case .date: append(string(value).flatMap { CivilDate($0) }.flatMap { Int32(exactly: $0.daysSinceEpoch) })
            case .timestamp: append(string(value).flatMap { InternetTime($0)?.microseconds })
            }
        if !hasValue { appendNull() }
        return hasValue
    }

    private mutating func append(_ text: [UInt8]?) -> Bool {
        text?.withUnsafeBytes { append(text: $0) } != nil
    }

    private mutating func append(_ number: (some FixedWidthInteger)?) -> Bool {
        number.map { append($0) } != nil
    }

    /// Returns the characters of a string or, of another value that is neither an object nor an array, its JSON text.
    private func text(_ value: PayloadFields.Value) -> [UInt8]? {
        value.json.first.map { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "[") } == true
            ? nil : Array(value.text.utf8)
    }

    private func string(_ value: PayloadFields.Value) -> String? {
        value.json.first == UInt8(ascii: "\"") ? value.text : nil
    }

    private func boolean(_ value: PayloadFields.Value) -> UInt8? {
        switch value.json.first {
        case UInt8(ascii: "t"): 1
        case UInt8(ascii: "f"): 0
        default: nil
        }
    }

    /// Returns a number, or a string that is one, times 10 to the power of `scale`.
    private func number(_ value: PayloadFields.Value, scale: Int, precision: Int) -> Int128? {
        guard value.isNumber || string(value) != nil else { return nil }
        return Array(value.text.utf8).withUnsafeBytes { DecimalNumber($0)?.scaled(by: scale, precision: precision) }
    }
}
