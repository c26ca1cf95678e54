// Values that are texts in JSON: the same text as `description`.

extension CivilDate: Codable {
    package init(from decoder: any Decoder) throws { self = try decoder.text("a date") { CivilDate($0) } }
    package func encode(to encoder: any Encoder) throws { try encoder.encode(text: description) }
}

extension Timestamp: Codable {
    package init(from decoder: any Decoder) throws { self = try decoder.text("a time") { Timestamp($0) } }
    package func encode(to encoder: any Encoder) throws { try encoder.encode(text: description) }
}

extension ContentHash: Codable {
    package init(from decoder: any Decoder) throws { self = try decoder.text("a SHA-256") { ContentHash(hex: $0) } }
    package func encode(to encoder: any Encoder) throws { try encoder.encode(text: description) }
}

extension Decoder {
    fileprivate func text<Value>(_ what: String, _ read: (String) -> Value?) throws -> Value {
        let container = try singleValueContainer()
        guard let value = read(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "it is not \(what)")
        }
        return value
    }
}

extension Encoder {
    fileprivate func encode(text: String) throws {
        var container = singleValueContainer()
        try container.encode(text)
    }
}
