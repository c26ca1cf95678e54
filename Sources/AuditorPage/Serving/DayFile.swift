/// A file that a business has for a day.
enum DayFile: String, CaseIterable {
    case archive = "events.ndjson.gz"
    case ledger = "ledger.ndjson.gz"
    case leaf = "leaf.sha256"
    case seal = "seal.sha256"
    case signature = "seal.sha256.sig"
}
