internal import Archive
internal import Webhooks

enum PathChecks {
    /// Each name, path and date has only one spelling: if a text can be read, it is written as the same text.
    static func all(_ bytes: [UInt8]) throws {
        if let lines = ChecksumLine.parse(bytes) {
            try require(lines.flatMap { Array($0.text.utf8) } == bytes, "the hashes are written differently")
            try require(
                lines.count == bytes.count { $0 == UInt8(ascii: "\n") }, "sha256sum finds a different number of lines")
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
        try require(isSafe && segment.utf8.count <= 120, "\(segment) is not a safe name")
        try require(
            first != UInt8(ascii: "_") && first != UInt8(ascii: "."),
            "\(segment) begins like one of Daybook's own names")
        let isShort = !segment.utf8.contains(UInt8(ascii: "~"))
        try require(Business(segment: segment) == (isShort ? .named(text) : nil), "\(segment) names another business")
        // Engines decode every folder name strictly, and refuse the whole archive if one cannot be decoded.
        try require(
            isDecodable(segment.utf8.prefix { $0 != UInt8(ascii: "~") }), "\(segment) is cut within a character")
        if let business = Business(segment: text) {
            try require(same(business.segment, text), "\(text) is read as another segment")
        }
    }

    private static func isDecodable(_ encoded: some Sequence<UInt8>) -> Bool {
        var bytes: [UInt8] = []
        var rest = Array(encoded)[...]
        while let byte = rest.popFirst() {
            if byte != UInt8(ascii: "%") {
                bytes.append(byte)
            } else if let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                return false
            }
        }
        return String(validating: bytes, as: UTF8.self) != nil
    }

    private static func paths(_ text: String) throws {
        if let parts = ArchivePath.parse(text) {
            try require(!parts.segment.utf8.contains(UInt8(ascii: "/")), "the segment contains a slash")
            let folder = "environment=\(parts.environment)/"
            let path =
                parts.isLedger
                ? "\(folder)_ledger/business=\(parts.segment)/\(parts.day).ndjson.gz"
                : "\(folder)business=\(parts.segment)/day=\(parts.day)/events.ndjson.gz"
            try require(same(path, text), "\(text) is read as \(path)")
            if let business = Business(segment: parts.segment) {
                let path =
                    parts.isLedger
                    ? ArchivePath.ledger(in: parts.environment, of: business, on: parts.day)
                    : ArchivePath.archive(in: parts.environment, of: business, on: parts.day)
                try require(same(path, text), "\(text) is written as \(path)")
            }
        }
        if let (day, revision) = SealPath.parse(seal: text) {
            try require(same(SealPath.seal(day, revision), text), "\(text) is written as another seal")
        }
        if let (day, name, revision) = SealPath.parse(leaf: text) {
            try require(
                same(SealPath.leaf(on: day, name: name, revision: revision), text), "\(text) is written as another leaf"
            )
        }
        let (folder, name) = ArchivePath.split(text)
        try require(!name.utf8.contains(UInt8(ascii: "/")), "\(name) is not the last part")
        try require(same("\(folder)/\(name)", text) || same("./\(name)", "./\(text)"), "\(text) is split differently")
    }

    private static func vocabulary(_ text: String) throws {
        if let id = DeliveryID(text) { try require(same(id.description, text), "\(text) is read as another id") }
        if let time = Timestamp(text) { try require(same(time.description, text), "\(text) is read as another time") }
        if let date = CivilDate(text) { try require(same(date.description, text), "\(text) is read as another date") }
        if let hash = ContentHash(hex: text) {
            try require(same(hash.description, text), "\(text) is read as another hash")
        }
        if let pointer = try? JSONPointer(text) {
            try require(same(pointer.description, text), "\(text) is read as another pointer")
            try require(
                JSONPointer(tokens: pointer.tokens) == pointer, "\(text) is another pointer when made from its tokens")
        }
        if let rule = try? BusinessRule(text) {
            try require(try BusinessRule(rule.description) == rule, "\(text) is read as another rule")
        }
    }

    private static func numbers(_ word: UInt64) throws {
        let id = DeliveryID(nanoseconds: word, random: word.byteSwapped)
        try require(DeliveryID(id.description) == id && id.version == 7, "\(id) cannot be read")
        try require(id.time?.milliseconds == Int64(word / 1_000_000), "\(id) contains another time")
        // A time in the years 0000 to 9999, which have 365.2425 days on average.
        let time = Timestamp(milliseconds: -62_167_219_200_000 + Int64(word % 315_569_520_000_000))
        try require(Timestamp(time.description) == time, "\(time) cannot be read")
        let date = CivilDate(daysSinceEpoch: Int(time.milliseconds.floored(by: 86_400_000)))
        try require(CivilDate(date.description) == date, "\(date) cannot be read")
        // Any time can be formatted, whatever a filesystem reports.
        _ = Timestamp(milliseconds: Int64(bitPattern: word)).description
    }
}
