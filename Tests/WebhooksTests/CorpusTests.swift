import Testing
import Webhooks

/// Payloads that a platform which embeds Lehjah can expect: those that the provider's page shows, and likely ones that
/// resemble the vendor's other APIs.
@Suite struct CorpusTests {
    private let reader = PayloadReader(rules: PayloadRules())

    @Test(arguments: ["NEW_BUSINESS", "NEW_SUBSCRIPTION", "SUBSCRIPTION_REQUEST", "SUBSCRIPTION_EXPIRED"])
    func theSamplesOfTheProvidersPage(_ event: String) throws {
        let body = "{\n  \"event\": \"\(event)\",\n  \"data\": {}\n}"
        #expect(try reader.read(Array(body.utf8)) == Payload(type: event, hasLineBreak: true))
        let compact = #"{"event":"\#(event)","data":{}}"#
        #expect(JSONText.minified(Array(body.utf8)) == Array(compact.utf8))
    }

    /// A bank transaction, an invoice, an item, a business and a subscription.
    @Test(arguments: [
        (
            #"{"event":"NEW_TRANSACTION_CREATED","data":{"uuid":"0b9f0f3e-6a57-4a52-9d1c-2f0e7f1c8a11","business_id":"123456","amount":-250.00,"currency":"NGN","date":"2026-06-16","narration":"POS / Lẹ́kkí \u20a6250","created_at":"2026-06-16T15:30:00+00:00"}}"#,
            "123456", "/data/business_id"
        ),
        (
            #"{"event":"RECORD_CREATED","data":{"invoice":{"uuid":"u","businessId":"abc123","due_date":"2026-07-16","record_items":[{"uuid":"i","quantity":3,"price":12.5}],"payments":[{"uuid":"p","amount_paid":37.5,"category":"cash","date":"2026-06-16","exchange_rate":1}]}}}"#,
            "abc123", "/data/invoice/businessId"
        ),
        (
            #"{"event":"INVENTORY_ITEM_UPDATED","data":{"id":77,"business":{"uuid":"3f6c","name":"Acme"},"stock":9007199254740993}}"#,
            "3f6c", "/data/business/uuid"
        ),
        (
            #"{"event":"NEW_BUSINESS","data":{"id":"507f1f77bcf86cd799439011","name":"Acme","email":"a@acme.test","logo":null,"currency":"NGN","country":"NG","timezone":"Africa/Lagos"}}"#,
            "507f1f77bcf86cd799439011", "/data/id"
        ),
        (
            #"{"event":"SUBSCRIPTION_EXPIRED","business_id":"acme-ltd","data":{"id":5,"plan":"gold"}}"#, "acme-ltd",
            "/business_id"
        ),
    ])
    func entities(_ body: String, _ business: String, _ pointer: String) throws {
        let payload = try reader.read(Array(body.utf8))
        #expect(payload.business == business)
        #expect(payload.pointer == pointer)
    }

    /// Business ids of any form are read unchanged.
    @Test(arguments: [
        "123456", "0b9f0f3e-6a57-4a52-9d1c-2f0e7f1c8a11", "507f1f77bcf86cd799439011", "acme-ltd", "../x", "a/b", "..",
        ".",
        "_unassigned", "ABC", "abc", "café", "cafe\u{301}", "事業", "a b", " ", "%2F", "~", "\u{202E}", "\u{2028}", "😀",
        String(repeating: "x", count: 300),
    ])
    func ids(_ id: String) throws {
        var body = Array(#"{"event":"RECORD_UPDATED","data":{"business_id":"#.utf8)
        JSONText.appendQuoted(id, to: &body)
        body += Array("}}".utf8)
        let business = try reader.read(body).business
        #expect(business.map { Array($0.utf8) } == Array(id.utf8))
    }

    @Test func aRecordOfManyLines() throws {
        let items = (0..<600).map {
            #"{"uuid":"5d0a7c92-7c1c-4b7e-9c5c-\#(100_000_000_000 + $0)","narration":"Item no. \#($0)","quantity":\#($0),"price":\#($0).50}"#
        }
        let body = Array(
            #"{"event":"RECORD_CREATED","data":{"record_items":[\#(items.joined(separator: ","))],"business_id":"b"}}"#
                .utf8)
        #expect(body.count > 60_000)
        #expect(try reader.read(body) == Payload(type: "RECORD_CREATED", business: "b", pointer: "/data/business_id"))
    }

    @Test(arguments: [
        #"{"event":"RECORD_CREATED","data":{"total":1e400,"id":9007199254740993}}"#,
        #"{"event":"RECORD_CREATED","data":null}"#, #"{"event":"RECORD_CREATED","data":[]}"#,
        #"{"event":"RECORD_CREATED"}"#,
        #"{"event":"SOMETHING_ELSE","data":{}}"#,
        #"{"event":"E","data":"# + String(repeating: "[", count: 200) + String(repeating: "]", count: 200) + "}",
    ])
    func unusualPayloadsThatAreEvents(_ body: String) throws {
        #expect(try reader.read(Array(body.utf8)).business == nil)
    }

    /// A retry with another time of sending is recognised by the ignored pointers. A retry with different spacing is
    /// not, since the rest of the payload is compared byte for byte.
    @Test func retriesWithDifferences() throws {
        let reader = PayloadReader(
            rules: PayloadRules(ignoring: [try JSONPointer("/sent_at"), try JSONPointer("/attempt")]))
        func hash(_ body: String) throws -> ContentHash? { try reader.read(Array(body.utf8)).reducedHash }
        let first = try hash(#"{"event":"E","data":{"v":1},"sent_at":"2026-11-23T23:59:59Z","attempt":1}"#)
        #expect(try hash(#"{"event":"E","data":{"v":1},"sent_at":"2026-11-27T02:59:59Z","attempt":22}"#) == first)
        #expect(try hash(#"{"event":"E","data":{"v":1}}"#) == first)
        #expect(try hash(#"{"event":"E","data":{"v":2},"sent_at":"2026-11-23T23:59:59Z","attempt":1}"#) != first)
        #expect(try hash(#"{"event":"E", "data":{"v":1},"sent_at":"2026-11-23T23:59:59Z","attempt":1}"#) != first)
        #expect(try hash(#"{"data":{"v":1},"event":"E","sent_at":"2026-11-23T23:59:59Z","attempt":1}"#) != first)
    }
}
