internal import Webhooks

enum ConditionChecks {
    /// The text up to the first LF is a condition, or the error points into it. On any valid payload it is decided, and the
    /// comparisons agree with each other.
    static func evaluate(_ bytes: [UInt8]) throws {
        let parts = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let text = String(validating: parts[0], as: UTF8.self) else { return }
        // How long a regular expression takes is up to whoever writes it.
        guard !text.contains("~ ") && !text.contains("~\"") else { return }
        let condition: PayloadCondition
        do throws(PayloadConditionError) {
            condition = try PayloadCondition(text)
        } catch {
            try require((0...text.count).contains(error.offset), "the error is at \(error.offset) of \(text.count)")
            return
        }
        let payload = parts.count > 1 ? Array(parts[1]) : []
        guard let matches = try? decide(condition, payload) else { return }
        let twice = try PayloadCondition("\(text) and \(text)")
        try require(try decide(twice, payload) == matches, "the same condition twice is decided differently")
        try require(
            try !matches || condition.pointers.allSatisfy { try decide(PayloadCondition(exists($0)), payload) },
            "a value that does not exist matches")
    }

    private static func decide(_ condition: PayloadCondition, _ payload: [UInt8]) throws -> Bool {
        try payload.withUnsafeBytes { try PayloadMatcher(condition).matches($0) }
    }

    private static func exists(_ pointer: JSONPointer) -> String {
        var text: [UInt8] = []
        JSONText.appendQuoted(pointer.description, to: &text)
        return String(decoding: text, as: UTF8.self) + " exists"
    }
}
