import Testing
import Webhooks

@Suite struct BusinessRuleTests {
    @Test(
        arguments: [
            ("/data/business_id", "/data/business_id", nil), ("NEW_BUSINESS:/data/id", "/data/id", ["NEW_BUSINESS"]),
            ("A,B:/x", "/x", ["A", "B"]), ("invoice:paid:/x", "/x", ["invoice:paid"]), ("/a:/b", "/a:/b", nil),
            ("A:/b:/c", "/b:/c", ["A"]), ("with space:/", "/", ["with space"]), ("é:/x", "/x", ["é"]),
        ] as [(String, String, Set<String>?)])
    func textualForm(_ text: String, _ pointer: String, _ events: Set<String>?) throws {
        let rule = try BusinessRule(text)
        #expect(rule == BusinessRule(pointer: try JSONPointer(pointer), events: events))
        #expect(rule.description == text)
    }

    @Test func eventTypesAreSorted() throws {
        #expect(try BusinessRule("B,A,C:/x").description == "A,B,C:/x")
    }

    @Test(arguments: [
        "", "data/id", "NEW_BUSINESS", "NEW_BUSINESS:", "NEW_BUSINESS:data/id", ":/data/id", "A,:/x", ",A:/x",
        "A,,B:/x",
        "A:/~x", "/~",
    ])
    func rejects(_ text: String) {
        let error = #expect(throws: JSONPointerError.self) { try BusinessRule(text) }
        #expect(error?.remedy.isEmpty == false)
    }

    @Test func defaults() throws {
        let texts = BusinessRule.defaults.map(\.description)
        #expect(
            texts == [
                "/data/business_id", "/data/businessId", "/data/business_uuid", "/data/businessUuid",
                "/data/business/business_id", "/data/business/id", "/data/business/uuid", "/data/business/_id",
                "/data/business", "/business_id", "/businessId", "/business_uuid", "/business/id", "/business/uuid",
                "/business",
                "/data/transaction/business_id", "/data/transaction/businessId",
                "/data/record/business_id", "/data/record/businessId",
                "/data/invoice/business_id", "/data/invoice/businessId",
                "/data/bill/business_id", "/data/bill/businessId",
                "/data/restock/business_id", "/data/restock/businessId",
                "/data/item/business_id", "/data/item/businessId",
                "/data/inventory_item/business_id", "/data/inventory_item/businessId",
                "/data/subscription/business_id", "/data/subscription/businessId",
                "NEW_BUSINESS:/data/id", "NEW_BUSINESS:/data/uuid", "NEW_BUSINESS:/data/_id",
            ])
        for rule in BusinessRule.defaults { #expect(try BusinessRule(rule.description) == rule) }
    }
}
