internal import Foundation
internal import Webhooks

/// Encodes Daybook's small JSON files: one line with sorted keys, so that equal contents are equal bytes.
package enum RecordCoding {
    package static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try Array(encoder.encode(value)) + [UInt8(ascii: "\n")]
    }

    package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8], path: String) throws -> Value
    {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw ArchiveError.unreadable(path, "it is not the JSON that Daybook writes")
        }
    }
}
