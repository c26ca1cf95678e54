/// The signed parts of a Standard Webhooks delivery (specification 1.0, "Webhook headers" and "Signature scheme").
struct StandardWebhooks {
    /// The two families of header names: the standard's, and the older ones that Svix and its customers still send.
    private static let families = ["webhook", "svix"].map { ["\($0)-id", "\($0)-timestamp", "\($0)-signature"] }

    /// All header names that may carry a part, in lower case.
    static var headers: [String] { families.flatMap(\.self) }

    /// The text `id.timestamp.`, which precedes the payload in what is signed.
    let prefix: [UInt8]
    /// The time of the attempt, in seconds since 1970.
    let time: Int
    /// The signatures of version `v1`. The header may list others.
    let signatures: [[UInt8]]

    /// Reads the headers of one family: the standard's if any of its headers is present, else Svix's. The families are never
    /// mixed, since each part is only signed together with the others.
    ///
    /// Returns `nil` if a header is missing, doubled, or malformed.
    init?(_ claim: SenderAuthenticator.Claim) {
        let names = Self.families.first { $0.contains { claim.headers[$0]?.isEmpty == false } } ?? []
        let values = names.compactMap { onlyValue(claim.headers[$0]) }
        guard values.count == 3 else { return nil }
        let (id, timestamp, list) = (values[0], values[1], values[2])
        // 15 digits are 30 million years.
        guard !id.isEmpty, timestamp.utf8.count <= 15,
            timestamp.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let time = Int(timestamp)
        else { return nil }
        prefix = Array("\(id).\(timestamp).".utf8)
        self.time = time
        signatures = list.utf8.split(separator: UInt8(ascii: " "))
            .filter { $0.starts(with: "v1,".utf8) }
            .compactMap { [UInt8](base64: $0.dropFirst(3)) }
        guard !signatures.isEmpty else { return nil }
    }
}

/// Returns the value of a header, or `nil` if it is missing or occurs more than once.
func onlyValue(_ values: [String]?) -> String? {
    values?.count == 1 ? values?.first : nil
}
