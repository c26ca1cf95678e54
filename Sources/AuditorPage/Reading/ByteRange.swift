/// The part of a file that a request's headers ask for (RFC 9110, sections 13 and 14).
enum ByteRange: Equatable {
    case whole
    /// A part of the file, never empty.
    case part(Range<Int>)
    /// The range is beyond the end of the file: 416.
    case unsatisfiable

    /// - Parameters:
    ///   - range: The value of `Range`. One range of bytes is served; for several ranges, or an invalid value,
    ///     the whole file.
    ///   - ifRange: The value of `If-Range`. If it is not the file's strong entity tag, the whole file is
    ///     served.
    ///   - size: The size of the file, in bytes.
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

    /// Parses `bytes=0-99`, `bytes=100-`, and `bytes=-10`.
    private static func read(_ text: String) -> (first: Int?, last: Int?)? {
        guard text.lowercased().hasPrefix("bytes=") else { return nil }
        let parts = text.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        func number(_ digits: Substring) -> Int?? {
            if digits.isEmpty { return .some(nil) }
            guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
            // A number with more digits is larger than any file.
            return .some(Int(digits) ?? .max)
        }
        guard let first = number(parts[0]), let last = number(parts[1]) else { return nil }
        return (first, last)
    }

    /// Returns whether a list of entity tags (`If-None-Match`, `If-Match`) has this one, or is `*`.
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
