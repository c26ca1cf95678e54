/// What strace(1) wrote down of a program with `-f -y`: its system calls, in the order in which they began.
///
/// Calls of several threads overlap, and are then on two lines, `… <unfinished ...>` and `<... resumed> …`. strace
/// holds a thread at each of the two, so the order of lines is one in which it truly happened: what a thread does after
/// a call returned follows the line of the return.
struct Trace: Sendable {
    let calls: [SystemCall]

    init(_ calls: [SystemCall]) { self.calls = calls }

    init(_ text: String) {
        var pending: [Int: (name: Substring, text: Substring, began: Int, place: Int)] = [:]
        var found: [SystemCall?] = []
        var line = 0
        for text in text.split(separator: "\n") {
            line += 1
            // Where strace was attached to one thread alone, it does not say which.
            let number = text.prefix { $0.isNumber }
            let thread = Int(number) ?? 0
            let rest = text.dropFirst(number.count).drop { $0 == " " }
            if rest.hasPrefix("<... ") {
                guard let call = pending.removeValue(forKey: thread), let end = rest.firstRange(of: " resumed>") else {
                    continue
                }
                found[call.place] = SystemCall(
                    thread, call.name, call.text + rest[end.upperBound...], began: call.began, ended: line)
            } else if let parenthesis = rest.firstIndex(of: "("), !rest.hasPrefix("---"), !rest.hasPrefix("+++") {
                let name = rest[..<parenthesis]
                var text = rest[rest.index(after: parenthesis)...]
                if text.hasSuffix(Self.unfinished) {
                    text.removeLast(Self.unfinished.count)
                    pending[thread] = (name, text, line, found.count)
                    found.append(nil)
                } else {
                    found.append(SystemCall(thread, name, text, began: line, ended: line))
                }
            }
        }
        // What never returned, since the program was killed meanwhile.
        for (thread, call) in pending {
            found[call.place] = SystemCall(thread, call.name, call.text, began: call.began, ended: .max)
        }
        calls = found.compactMap { $0 }
    }

    private static let unfinished = " <unfinished ...>"

    /// The calls on what lies below a folder.
    func calls(below folder: String) -> [SystemCall] {
        calls.filter { call in
            // sync(2) names no file, and concerns all.
            call.name == "sync" || call.paths.contains { $0 == folder || $0?.hasPrefix("\(folder)/") ?? false }
        }
    }
}

extension SystemCall {
    /// - Parameter text: The text after the opening parenthesis.
    fileprivate init(_ thread: Int, _ name: Substring, _ text: Substring, began: Int, ended: Int) {
        let (arguments, rest) = Self.split(text)
        let result = rest.firstRange(of: "= ").map { rest[$0.upperBound...] }
        self.init(
            thread: thread, name: String(name), arguments: arguments, result: result == "?" ? nil : result,
            began: began,
            ended: ended)
    }

    /// The arguments, and what follows the closing parenthesis.
    private static func split(_ text: Substring) -> (arguments: [Substring], rest: Substring) {
        let bytes = text.utf8
        var arguments: [Substring] = []
        var start = bytes.startIndex
        var place = start
        var depth = 0
        func add(upTo end: String.Index) {
            let argument = text[start..<end].drop { $0 == " " }
            if !argument.isEmpty { arguments.append(argument) }
        }
        func skip(to end: Unicode.Scalar) {
            while true {
                bytes.formIndex(after: &place)
                guard place < bytes.endIndex, bytes[place] != UInt8(ascii: end) else { return }
                if bytes[place] == UInt8(ascii: "\\") { bytes.formIndex(after: &place) }
            }
        }
        while place < bytes.endIndex {
            switch UnicodeScalar(bytes[place]) {
            case "\"": skip(to: "\"")
            case "<": skip(to: ">")
            case "{", "[", "(": depth += 1
            case "}", "]": depth -= 1
            case ")" where depth > 0: depth -= 1
            case ")":
                add(upTo: place)
                return (arguments, text[bytes.index(after: place)...])
            case "," where depth == 0:
                add(upTo: place)
                start = bytes.index(after: place)
            default: break
            }
            if place < bytes.endIndex { bytes.formIndex(after: &place) }
        }
        add(upTo: min(place, bytes.endIndex))
        return (arguments, "")
    }
}
