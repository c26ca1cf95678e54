import TestSupport
import Testing

extension Workbench {
    /// Sweeps events that an engine may read wrongly: names of businesses that paths spell differently, payloads with the
    /// members of a line, other types in other files, numbers beyond 2⁵³ and decimals, arrays, and a tombstone.
    func sweepEngineTraps() throws {
        let long = String(repeating: "長", count: 60)
        let names = ["acme", "株式会社", "a=b/c d", "_unassigned", "O'Brien", long, nil]
        let amounts = ["9007199254740993", "12.55", "0.10", #""n/a""#, "null"]
        for (day, business) in [1, 2, 3].flatMap({ day in names.map { (day, $0) } }) {
            for (number, amount) in amounts.enumerated() {
                let member = business.map { #","business_id":"\#($0)""# } ?? ""
                let clash = #""id":"x","subject":"x","time":7,"gone":"x","business":{"name":"x"}"#
                try receive(
                    #"{"event":"X","n":"\#(day) \#(number)","data":{\#(clash),"amount":\#(amount)\#(member)}}"#,
                    at: "2026-06-1\(day)T10:00:0\(number)Z", "production")
            }
        }
        try receive(
            #"{"event":"X","business_id":"acme","data":[1,{"amount":5}]}"#, at: "2026-06-11T11:00:00Z", "production")
        try receive(
            #"{"event":"X","business_id":"acme","data":{"amount":{"amount":5}}}"#, at: "2026-06-11T11:00:01Z",
            "production")
        let id = try receive(
            #"{"event":"X","business_id":"acme","data":{"amount":100}}"#, at: "2026-06-12T11:00:00Z", "production")
        try sweep()
        try sh("daybook erase --id \(id) --reason asked --yes").expectSuccess()
    }
}
