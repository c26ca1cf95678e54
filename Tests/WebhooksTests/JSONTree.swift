import TestSupport
import Webhooks

/// A JSON value as a tree whose tokens keep their spelling. The scanner builds no such tree.
indirect enum JSONTree {
    case token(String)
    case string(Text)
    case array([JSONTree])
    case object([Member])

    struct Text {
        /// The string as written, including quotes and escapes.
        var literal: String
        var meaning: String
    }

    struct Member {
        var name: Text
        var value: JSONTree
    }

    /// The tokens in order. Joined, they are the minified text.
    var tokens: [String] {
        switch self {
        case .token(let literal): return [literal]
        case .string(let text): return [text.literal]
        case .array(let elements):
            return ["["] + Array(elements.map(\.tokens).joined(separator: [","])) + ["]"]
        case .object(let members):
            return ["{"] + Array(members.map { [$0.name.literal, ":"] + $0.value.tokens }.joined(separator: [","])) + [
                "}"
            ]
        }
    }

    var minified: [UInt8] { Array(tokens.joined().utf8) }

    /// Returns the text with random white space between the tokens.
    func spaced(_ random: inout SeededGenerator) -> [UInt8] {
        var text = ""
        for token in [""] + tokens + [""] {
            while random.chance(30) { text += random.pick([" ", "\n", "\t", "\r", "   "]) }
            text += token
        }
        return Array(text.utf8)
    }

    subscript(pointer: JSONPointer) -> JSONTree? {
        pointer.tokens.reduce(JSONTree?.some(self)) { tree, token in
            switch tree {
            case .array(let elements):
                return elements.indices.contains(where: { String($0) == token }) ? elements[Int(token) ?? 0] : nil
            case .object(let members):
                return members.first { $0.name.meaning.utf8.elementsEqual(token.utf8) }?.value
            default: return nil
            }
        }
    }

    /// Returns the tree without the values that the pointers lead to.
    func removing(_ pointers: [[String]]) -> JSONTree {
        func inner(_ name: String) -> [[String]] {
            pointers.filter { $0.first.map { $0.utf8.elementsEqual(name.utf8) } ?? false }.map { Array($0.dropFirst()) }
        }
        switch self {
        case .token, .string: return self
        case .array(let elements):
            return .array(
                elements.enumerated().compactMap { index, element in
                    let inner = inner(String(index))
                    return inner.contains([]) ? nil : element.removing(inner)
                })
        case .object(let members):
            return .object(
                members.compactMap { member in
                    let inner = inner(member.name.meaning)
                    return inner.contains([]) ? nil : Member(name: member.name, value: member.value.removing(inner))
                })
        }
    }
}

extension JSONTree {
    /// Returns a random value with a maximum depth.
    static func random(depth: Int, names: [String], _ random: inout SeededGenerator) -> JSONTree {
        switch Int.random(in: 0..<(depth > 0 ? 10 : 6), using: &random) {
        case 0: return .token(random.pick(["true", "false", "null"]))
        case 1, 2: return .token(number(&random))
        case 3, 4, 5: return .string(text(&random))
        case 6:
            return .array((0..<size(&random)).map { _ in .random(depth: depth - 1, names: names, &random) })
        default:
            return object(depth: depth, names: names, &random)
        }
    }

    static func object(depth: Int, names: [String], _ random: inout SeededGenerator) -> JSONTree {
        var seen: Set<[UInt8]> = []
        var members: [Member] = []
        for _ in 0..<size(&random) {
            let name = random.chance(70) ? escaped(random.pick(names), &random) : text(&random)
            guard seen.insert(Array(name.meaning.utf8)).inserted else { continue }
            members.append(Member(name: name, value: .random(depth: depth - 1, names: names, &random)))
        }
        return .object(members)
    }

    /// Returns a number of elements. It is mostly small, but sometimes above the number of names that the scanner
    /// compares one by one.
    private static func size(_ random: inout SeededGenerator) -> Int {
        random.chance(3) ? Int.random(in: 30..<80, using: &random) : Int.random(in: 0..<6, using: &random)
    }

    private static func number(_ random: inout SeededGenerator) -> String {
        func digits() -> String {
            (0...Int.random(in: 0...11, using: &random)).map { _ in random.pick(["0", "1", "5", "9"]) }.joined()
        }
        return (random.chance(30) ? "-" : "") + (random.chance(30) ? "0" : "7" + digits())
            + (random.chance(30) ? "." + digits() : "")
            + (random.chance(20) ? random.pick(["e", "E"]) + random.pick(["", "+", "-"]) + digits() : "")
    }

    private static func text(_ random: inout SeededGenerator) -> Text {
        let parts = [
            "a", "bc", "words of some length", " ", "\"", "\\", "/", "\n", "\0", "\u{7F}", "é", "ọ́", "漢字", "😀",
            "\u{10FFFD}", "{[,:]}",
        ]
        return escaped((0..<Int.random(in: 0..<5, using: &random)).map { _ in random.pick(parts) }.joined(), &random)
    }

    /// Writes a string with the required escapes, and some others.
    private static func escaped(_ meaning: String, _ random: inout SeededGenerator) -> Text {
        let escapesMore = random.chance(20)
        var literal = "\""
        for scalar in meaning.unicodeScalars {
            if scalar == "\"" || scalar == "\\" || (scalar == "/" && random.chance(50)) {
                literal += "\\\(scalar)"
            } else if scalar.value < 0x20 || (escapesMore && random.chance(50)) {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16, uppercase: random.chance(50))
                    literal += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            } else {
                literal.unicodeScalars.append(scalar)
            }
        }
        return Text(literal: literal + "\"", meaning: meaning)
    }
}
