internal import Foundation
package import Webhooks

/// Makes a delivery of an item: the text that a file has for it, which is the payload, or has it as one of its values.
package struct ItemReader: Sendable {
    private let time: ReceiptTime
    private let fields: PayloadFields
    /// The place of each value in ``fields``.
    private let places: (payload: Int?, headers: Int?, time: Int?)
    /// The time of the reading. Nothing can have been received later.
    private let now: Timestamp

    /// - Parameters:
    ///   - payload: The payload in an item, or `nil` if the item is the payload. A string has the payload as its characters.
    ///   - headers: The request headers in an item, as an object of strings, or `nil` if it has none.
    package init(time: ReceiptTime, payload: JSONPointer?, headers: JSONPointer?, now: Timestamp) {
        self.time = time
        self.now = now
        var pointers: [JSONPointer] = []
        func place(_ pointer: JSONPointer?) -> Int? {
            guard let pointer else { return nil }
            pointers.append(pointer)
            return pointers.count - 1
        }
        let inItem: JSONPointer? = if case .pointer(let pointer) = time { pointer } else { nil }
        places = (place(payload), place(headers), place(inItem))
        fields = PayloadFields(pointers)
    }

    /// - Parameters:
    ///   - source: As in ``HistoryItem/source``.
    ///   - file: The file of the item.
    /// - Throws: ``ItemFault``.
    func read(_ text: [UInt8], source: String, in file: HistoryFile) throws(ItemFault) -> HistoryItem {
        let values = try values(of: text)
        let payload: [UInt8]
        if let place = places.payload {
            guard let value = values[place] else {
                throw ItemFault("it has no payload at \(fields.pointers[place])")
            }
            payload = value.json.first == UInt8(ascii: "\"") ? Array(value.text.utf8) : value.json
        } else {
            payload = text
        }
        var headers: [String: String] = [:]
        if let place = places.headers, let value = values[place], value.json != Array("null".utf8) {
            headers = try self.headers(value.json)
        } else if source == file.path, let sidecar = try file.sidecar() {
            headers = try self.headers(sidecar)
        }
        let time = try receiptTime(values, file)
        guard time <= now else { throw ItemFault("its time of receipt, \(time), is in the future") }
        guard time.milliseconds >= 0 else { throw ItemFault("its time of receipt, \(time), is before 1970") }
        return HistoryItem(source: source, payload: payload, time: time, headers: headers)
    }

    private static let secrets: Set<String> = ["authorization", "cookie", "proxy-authorization"]

    private func headers(_ json: [UInt8]) throws(ItemFault) -> [String: String] {
        guard let headers = DeliveryHeaders(sidecar: json)?.values else {
            throw ItemFault("its headers are not an object of strings")
        }
        // Credentials are never archived, as by the receiver.
        return Dictionary(headers.map { ($0.key.lowercased(), $0.value) }) { first, _ in first }
            .filter { !Self.secrets.contains($0.key) }
    }

    private func values(of text: [UInt8]) throws(ItemFault) -> [PayloadFields.Value?] {
        guard !fields.pointers.isEmpty else { return [] }
        do throws(PayloadFault) {
            return try text.span.withUnsafeBytes { text throws(PayloadFault) in try fields.read(text) }
        } catch {
            throw ItemFault("it is not valid JSON: \(error.reason)")
        }
    }

    private func receiptTime(_ values: [PayloadFields.Value?], _ file: HistoryFile) throws(ItemFault) -> Timestamp {
        switch time {
        case .fixed(let time): return time
        case .file:
            guard let modified = file.modified else { throw ItemFault("stdin has no time") }
            return Timestamp(milliseconds: modified)
        case .name:
            let name = String(file.path.split(separator: "/").last ?? "")
            guard let time = ReceiptTime.time(inName: name) else { throw ItemFault("the name of its file has no time") }
            return time
        case .pointer(let pointer):
            guard let place = places.time, let value = values[place] else {
                throw ItemFault("it has no time at \(pointer)")
            }
            guard let time = ReceiptTime.time(value.text) else {
                throw ItemFault(
                    "the value at \(pointer) is not a time with an offset, nor a number of seconds or milliseconds: "
                        + String(value.text.prefix(40)))
            }
            return time
        }
    }
}
