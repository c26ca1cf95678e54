internal import Webhooks

/// The deliveries that the demo sends, and their expected results.
struct DemoDeliveries {
    /// Deliveries of one kind, over HTTP.
    struct Group {
        let environment: Environment
        let what: String
        let bodies: [String]
    }

    /// A delivery that was received elsewhere at an earlier time.
    struct Backfill {
        let name: String
        /// The time of receipt, in a form that touch(1) reads.
        let time: String
        let body: String
    }

    let yesterday: CivilDate
    let groups: [Group]
    let backfill: [Backfill]
    /// The expected numbers of events, retries, and invalid payloads.
    let fates: [Int]

    init(today: CivilDate) {
        yesterday = CivilDate(daysSinceEpoch: today.daysSinceEpoch - 1)
        let dayBefore = CivilDate(daysSinceEpoch: today.daysSinceEpoch - 2)
        let retries = [Self.sale, Self.bill, Self.sale]
        groups = [
            Group(
                environment: .sandbox, what: "its documented samples, one retried",
                bodies: Self.samples + Self.samples.prefix(1)),
            Group(environment: .production, what: "events of three businesses", bodies: Self.events),
            Group(environment: .production, what: "retries, byte for byte the same", bodies: retries),
            Group(environment: .production, what: "truncated: stored, then quarantined", bodies: [Self.broken]),
        ]
        let earlier = [
            (dayBefore, "08:05:00"), (yesterday, "09:14:03"), (yesterday, "11:40:27"), (yesterday, "16:20:55"),
        ]
        backfill = zip(earlier, Self.earlier).enumerated().map { number, it in
            Backfill(name: "backfill-\(number + 1).json", time: "\(it.0.0)T\(it.0.1)Z", body: it.1)
        }
        fates = [Self.samples.count + Self.events.count + backfill.count, retries.count + 1, 1]
    }

    /// The provider's page documents no more of a payload than this.
    private static let samples = [
        EventType.newBusiness, .newSubscription, .subscriptionRequest, .subscriptionExpired,
    ].map { #"{"event":"\#($0.rawValue)","data":{}}"# }

    private static let sale = #"""
        {"event":"NEW_TRANSACTION_CREATED","data":{"business_id":"kora","uuid":"5b0c2f0e-8a63-4d0c-9f0a-1d7a3c5e9b21","date":"2026-06-16","amount":185000.50,"currency":"NGN","narration":"POS sale, Balogun market"}}
        """#

    private static let bill = #"""
        {"event":"RECORD_CREATED","data":{"business_id":"lekki","type":"bill","number":"BILL-0093","due_date":"2026-07-01","currency":"NGN","record_items":[{"name":"Nitrile gloves","quantity":40,"unit_price":3250.00},{"name":"Saline 0.9 %","quantity":12,"unit_price":1800.75}],"total":151609.00}}
        """#

    /// Printed with spaces, as some senders do: stored and returned byte for byte.
    private static let prettyInvoice = """
        {
          "event": "RECORD_CREATED",
          "data": {
            "business_id": "kora",
            "type": "invoice",
            "number": "INV-2041",
            "record_items": [
              { "name": "Adire, 5 yards", "quantity": 3, "unit_price": 24500.00 },
              { "name": "Aso-oke, \u{20A6} price agreed", "quantity": 1, "unit_price": 96000.00 }
            ],
            "total": 169500.00
          }
        }

        """

    private static let events = [
        #"{"event":"NEW_BUSINESS","data":{"business_id":"kora","name":"Kora Textiles","currency":"NGN","country":"NG","timezone":"Africa/Lagos"}}"#,
        #"{"event":"NEW_SUBSCRIPTION","data":{"business_id":"kora","plan":"growth","amount":15000.00,"currency":"NGN"}}"#,
        sale,
        #"{"event":"NEW_TRANSACTION_CREATED","data":{"business_id":"kora","date":"2026-06-16","amount":-42350.75,"currency":"NGN","narration":"Diesel"}}"#,
        prettyInvoice,
        bill,
        #"{"event":"TRANSACTION_UPDATED","data":{"business_id":"lekki","date":"2026-06-15","amount":-9800.00,"currency":"NGN","narration":"Courier, corrected"}}"#,
        // Here the business is a number, and another number is beyond what a double can hold: its digits are
        // kept.
        #"{"event":"INVENTORY_ITEM_CREATED","data":{"business_id":4711,"name":"Basmati, 50 kg","sku":"RICE-50","quantity":120,"batch":90071992547409931}}"#,
        #"{"event":"INVENTORY_ITEM_UPDATED","data":{"business_id":4711,"sku":"RICE-50","quantity":118.5}}"#,
        #"{"event":"SUBSCRIPTION_EXPIRED","data":{"business_id":"lekki","plan":"starter"}}"#,
    ]

    private static let broken = #"{"event":"RECORD_UPDATED","data":{"business_id":"kora","total":1695"#

    private static let earlier = [
        #"{"event":"NEW_TRANSACTION_CREATED","data":{"business_id":"lekki","date":"2026-06-14","amount":62000.00,"currency":"NGN","narration":"HMO payment"}}"#,
        #"{"event":"NEW_TRANSACTION_CREATED","data":{"business_id":"kora","date":"2026-06-15","amount":-250.00,"currency":"NGN","narration":"Bank charge"}}"#,
        #"{"event":"RECORD_CREATED","data":{"business_id":"kora","type":"restock","number":"RST-0007","total":88000.00}}"#,
        #"{"event":"TRANSACTION_DELETED","data":{"business_id":"lekki","uuid":"e1a7c0de-4d52-4f0b-8f38-2f6f1c2b9d10"}}"#,
    ]
}
