import Foundation
import TestSupport
import Testing

/// What the page on a month's cash flow says is run, on transactions whose sums are easily wrong.
@Suite struct CashFlowTests {
    static let examples = PageExample.all(of: "Sources/DaybookCLI/DaybookCLI.docc/CashFlow.md")

    private func fill(_ bench: Workbench) throws {
        var uuids = 0
        func transaction(
            _ business: String?, _ amount: String, _ currency: String = "NGN", date: String = "2026-06-15",
            type: String = "NEW_TRANSACTION_CREATED", uuid: Int? = nil, at time: String = "2026-06-15T10:00:00Z",
            _ environment: String = "production"
        ) throws {
            uuids += 1
            let member = business.map { #""business_id":"\#($0)","# } ?? ""
            try bench.receive(
                #"{"event":"\#(type)","data":{\#(member)"uuid":"\#(uuid ?? uuids)","date":"\#(date)","amount":\#(amount),"currency":"\#(currency)"}}"#,
                at: time, environment)
        }
        // As doubles, the sum of ten of them is not 1. DuckDB's JSON has 15 digits.
        for _ in 0..<10 { try transaction("acme", "0.10") }
        try transaction("acme", "9007199254740.93")
        try transaction("acme", "-250.00")
        try transaction("acme", "100.00", "USD")
        try transaction(nil, "7.00", date: "2026-06-01")
        // The first and the last day, in whatever month they are received; and days of other months.
        try transaction("kora", "-1.25", date: "2026-06-01", at: "2026-05-31T23:00:00Z")
        try transaction("kora", "-1.50", date: "2026-06-30", at: "2026-07-20T10:00:00Z")
        try transaction("kora", "5000.00", date: "2026-05-31")
        try transaction("kora", "5000.00", date: "2026-07-01")
        try bench.sweep()
        // Updates and deletions, one of them before what it changes.
        try transaction("kora", "20.00", uuid: 1000)
        try transaction("kora", "30.00", type: "TRANSACTION_UPDATED", uuid: 1000, at: "2026-06-16T10:00:00Z")
        try transaction("kora", "40.00", uuid: 1001)
        try transaction("kora", "40.00", type: "TRANSACTION_DELETED", uuid: 1001, at: "2026-07-01T10:00:00Z")
        try transaction("kora", "50.00", uuid: 1002, at: "2026-06-14T10:00:00Z")
        try transaction("kora", "60.00", date: "2026-08-01", type: "TRANSACTION_UPDATED", uuid: 1002)
        try transaction("kora", "5000.00", at: "2026-06-15T10:00:00Z", "sandbox")
        try bench.receive(
            #"{"event":"RECORD_CREATED","data":{"business_id":"kora","amount":5000.00,"currency":"NGN"}}"#)
        try bench.sweep()
    }

    @Test func everyExamplePrintsTheSameFlows() throws {
        let sections = [
            "The archive in DuckDB", "The archive in Python", "The tables", "The tables in DuckDB",
            "The tables in polars",
            "A chart",
        ]
        #expect(Self.examples.map(\.section) == sections)
        let wanted = """
            - NGN 7.00 0.00 7.00
            acme NGN 9007199254741.93 -250.00 9007199254491.93
            acme USD 100.00 0.00 100.00
            kora NGN 30.00 -2.75 27.25

            """
        let bench = try Workbench()
        try fill(bench)
        for example in Self.examples {
            if example.language == "sh" {
                try bench.sh(example.code, environment: ["DAYBOOK_PYTHON": python]).expectSuccess()
                continue
            }
            try bench.folder.write(example.code.utf8, to: "example.py")
            let result = try bench.sh("\(python) example.py")
            #expect(result.text == wanted, "\(example.section): \(result.text)\(result.errors)")
        }
        #expect(try bench.folder.read("cash-flow.png").starts(with: [0x89, 0x50, 0x4e, 0x47]))
    }
}
