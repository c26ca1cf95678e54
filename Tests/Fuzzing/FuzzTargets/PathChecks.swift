internal import Archive
internal import Webhooks

enum PathChecks {
    /// What is taken for a name, a path, a date, is written as it was read: two texts never mean one thing.
    static func all(_ bytes: [UInt8]) throws {
        if let lines = ChecksumLine.parse(bytes) {
            try hold(lines.flatMap { Array($0.text.utf8) } == bytes, "hashes are written otherwise")
            try hold(lines.count == bytes.count { $0 == UInt8(ascii: "\n") }, "sha256sum sees other lines")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        try business(text)
        try paths(text)
        try vocabulary(text)
        if bytes.count >= 8 { try numbers(bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }) }
    }

    private static func business(_ text: String) throws {
        let segment = Business.named(text).segment
        let isSafe = segment.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "%"), UInt8(ascii: "~"):
                true
            default: false
            }
        }
        let first = segment.utf8.first
        try hold(isSafe && segment.utf8.count <= 120, "\(segment) is no safe name")
        try hold(first != UInt8(ascii: "_") && first != UInt8(ascii: "."), "\(segment) begins as Daybook's own do")
        let isShort = !segment.utf8.contains(UInt8(ascii: "~"))
        try hold(Business(segment: segment) == (isShort ? .named(text) : nil), "\(segment) names another business")
        if let business = Business(segment: text) {
            try hold(same(business.segment, text), "\(text) is another segment")
        }
    }

    private static func paths(_ text: String) throws {
        if let parts = ArchivePath.parse(text) {
            try hold(!parts.segment.utf8.contains(UInt8(ascii: "/")), "a segment of two")
            let folder = "environment=\(parts.environment)/"
            let path =
                parts.isLedger
                ? "\(folder)_ledger/business=\(parts.segment)/\(parts.day).ndjson.gz"
                : "\(folder)business=\(parts.segment)/day=\(parts.day)/events.ndjson.gz"
            try hold(same(path, text), "\(text) is read as \(path)")
            if let business = Business(segment: parts.segment) {
                let path =
                    parts.isLedger
                    ? ArchivePath.ledger(parts.environment, business, parts.day)
                    : ArchivePath.archive(parts.environment, business, parts.day)
                try hold(same(path, text), "\(text) is written as \(path)")
            }
        }
        if let (day, revision) = SealPath.parse(seal: text) {
            try hold(same(SealPath.seal(day, revision), text), "\(text) is another seal's")
        }
        let (folder, name) = ArchivePath.split(text)
        try hold(!name.utf8.contains(UInt8(ascii: "/")), "\(name) is not the last part")
        try hold(same("\(folder)/\(name)", text) || same("./\(name)", "./\(text)"), "\(text) is split otherwise")
    }

    private static func vocabulary(_ text: String) throws {
        if let id = DeliveryID(text) { try hold(same(id.description, text), "\(text) is another id") }
        if let time = Timestamp(text) { try hold(same(time.description, text), "\(text) is another time") }
        if let date = CivilDate(text) { try hold(same(date.description, text), "\(text) is another date") }
        if let hash = ContentHash(hex: text) { try hold(same(hash.description, text), "\(text) is another hash") }
        if let pointer = try? JSONPointer(text) {
            try hold(same(pointer.description, text), "\(text) is another pointer")
            try hold(JSONPointer(tokens: pointer.tokens) == pointer, "\(text) leads elsewhere")
        }
        if let rule = try? BusinessRule(text) {
            try hold(try BusinessRule(rule.description) == rule, "\(text) is another rule")
        }
    }

    private static func numbers(_ word: UInt64) throws {
        let id = DeliveryID(nanoseconds: word, random: word.byteSwapped)
        try hold(DeliveryID(id.description) == id && id.version == 7, "\(id) is not read")
        try hold(id.time?.milliseconds == Int64(word / 1_000_000), "\(id) bears another time")
        // From the year 0000 to 9999, of 365.2425 days each.
        let time = Timestamp(milliseconds: -62_167_219_200_000 + Int64(word % 315_569_520_000_000))
        try hold(Timestamp(time.description) == time, "\(time) is not read")
        let date = CivilDate(daysSinceEpoch: Int(time.milliseconds.floored(by: 86_400_000)))
        try hold(CivilDate(date.description) == date, "\(date) is not read")
        // Whatever a filesystem says of a file's time can be said in words.
        _ = Timestamp(milliseconds: Int64(bitPattern: word)).description
    }
}
