/// Which part of a file is asked for, by its headers (RFC 9110, sections 13 and 14).
enum ByteRange: Equatable {
    case whole
    /// Never empty.
    case part(Range<Int>)
    /// 416: it lies beyond the end.
    case unsatisfiable

    /// - Parameters:
    ///   - range: the value of `Range`. One range of bytes is taken; several, and what does not read, are the whole.
    ///   - ifRange: the value of `If-Range`. Where it is not this file's strong tag, the file is another: the whole.
    ///   - size: of the file, in bytes.
    init(range: String?, ifRange: String?, tag: String, size: Int) {
        guard let range, ifRange == nil || ifRange == tag, let (first, last) = Self.read(range) else {
            self = .whole
            return
        }
        switch (first, last) {
        case (let first?, let last):
            if let last, last < first {
                self = .whole
            } else if first >= size {
                self = .unsatisfiable
            } else {
                self = .part(first..<min(last.map { $0 == .max ? $0 : $0 + 1 } ?? size, size))
            }
        case (nil, let suffix?):
            self = suffix == 0 || size == 0 ? .unsatisfiable : .part(max(0, size - suffix)..<size)
        case (nil, nil): self = .whole
        }
    }

    /// `bytes=0-99`, `bytes=100-`, `bytes=-10`.
    private static func read(_ text: String) -> (first: Int?, last: Int?)? {
        guard text.lowercased().hasPrefix("bytes=") else { return nil }
        let parts = text.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        func number(_ digits: Substring) -> Int?? {
            if digits.isEmpty { return .some(nil) }
            guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
            // Larger than any file.
            return .some(Int(digits) ?? .max)
        }
        guard let first = number(parts[0]), let last = number(parts[1]) else { return nil }
        return (first, last)
    }

    /// Whether a list of tags (`If-None-Match`, `If-Match`) holds this one, or any.
    static func isTag(_ tag: String, in list: String, weakly: Bool) -> Bool {
        list.split(separator: ",").contains { entry in
            var entry = entry.trimmingPrefix { $0 == " " || $0 == "\t" }
            while entry.last == " " || entry.last == "\t" { entry.removeLast() }
            if entry == "*" { return true }
            if weakly, entry.hasPrefix("W/") { entry = entry.dropFirst(2) }
            return entry == tag
        }
    }
}
