/// Numbers and sizes as people read them, on terminals and pages alike.
package enum Display {
    /// Returns a number with its thousands separated: `1,234,567`.
    package static func number(_ value: Int) -> String {
        var digits = Array(String(value.magnitude))
        var position = digits.count - 3
        while position > 0 {
            digits.insert(",", at: position)
            position -= 3
        }
        return (value < 0 ? "−" : "") + String(digits)
    }

    /// Returns a number and the noun it counts: `1 event`, `12 events`.
    ///
    /// - Parameter plural: The plural of the noun; by default the noun with an `s`.
    package static func count(_ value: Int, _ noun: String, plural: String? = nil) -> String {
        "\(number(value)) \(value == 1 ? noun : plural ?? "\(noun)s")"
    }

    /// Returns a size in bytes with an SI unit, which is a multiple of 1,000 (not 1,024): `277 B`, `5.2 kB`.
    package static func size(_ bytes: Int) -> String {
        guard bytes >= 1000 else { return "\(bytes) B" }
        var value = Double(bytes) / 1000
        for unit in ["kB", "MB", "GB"] {
            if value < 1000 { return "\((value * 10).rounded() / 10) \(unit)" }
            value /= 1000
        }
        return "\((value * 10).rounded() / 10) TB"
    }
}
