/// One system call as strace(1) wrote it down.
struct SystemCall: Sendable {
    let thread: Int
    let name: String
    /// As strace prints them, data in quotes.
    let arguments: [Substring]
    /// The text after the `=`, or `nil` if the call did not return.
    let result: Substring?
    /// Places in the trace: what ended before another began, had returned before it.
    let began: Int
    let ended: Int

    /// strace(1) made the result up, and the kernel did nothing.
    var isInjected: Bool { result?.hasSuffix("(INJECTED)") ?? false }

    /// The number that it returned; nil where it failed or did not return.
    var value: Int? {
        guard let result else { return nil }
        let number = result.prefix { $0.isNumber || $0 == "x" || ("a"..."f").contains($0) }
        return number.hasPrefix("0x") ? Int(number.dropFirst(2), radix: 16) : Int(number)
    }

    /// It returned, and by its own doing.
    var succeeded: Bool { value != nil && !isInjected }

    /// The file or folder that each argument names, nil for those that name none.
    ///
    /// By descriptor (`3</tmp/spool>`), by path, or by a path from a descriptor's folder on. Data that is written is no
    /// name, and is left out of this.
    let paths: [String?]

    /// What it is about: the last that it names, as `new/x` is in `openat(3</spool/new>, "x")`.
    var path: String? { paths.last { $0 != nil } ?? nil }

    init(thread: Int, name: String, arguments: [Substring], result: Substring?, began: Int, ended: Int) {
        self.thread = thread
        self.name = name
        self.arguments = arguments
        self.result = result
        self.began = began
        self.ended = ended
        let takesData = ["read", "write", "pread64", "pwrite64", "sendto", "recvfrom"].contains(name)
        paths = Self.paths(takesData ? arguments.prefix(1) : arguments[...])
    }

    private static func paths(_ arguments: ArraySlice<Substring>) -> [String?] {
        var folder: String?
        return arguments.map { argument in
            if argument.first == "\"" {
                let path = String(decoding: unescaped(argument), as: UTF8.self)
                return path.hasPrefix("/") ? path : path.isEmpty ? folder : folder.map { "\($0)/\(path)" }
            }
            guard let file = file(argument) else { return nil }
            folder = file
            return file
        }
    }

    /// The path in `3</path>` or `AT_FDCWD</path>`; nil for what is no file.
    private static func file(_ argument: Substring) -> String? {
        guard argument.last == ">", let start = argument.firstIndex(of: "<") else { return nil }
        let number = argument[..<start]
        guard number == "AT_FDCWD" || Int(number) != nil else { return nil }
        let path = argument[argument.index(after: start)...].dropLast()
        return path.first == "/" ? String(decoding: unescaped(path), as: UTF8.self) : nil
    }

    /// The descriptor in `3</path>`.
    static func descriptor(_ argument: Substring) -> Int? { Int(argument.prefix { $0.isNumber }) }

    /// The bytes of a string in C's notation, in quotes or without.
    static func unescaped(_ text: Substring) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        if rest.first == UInt8(ascii: "\"") {
            // Three dots after the closing quote mark a string that strace truncated.
            guard let end = rest.lastIndex(of: UInt8(ascii: "\"")) else { return [] }
            rest = rest[rest.index(after: rest.startIndex)..<end]
        }
        func digits(_ radix: UInt8, atMost limit: Int) -> UInt8 {
            var value: UInt8 = 0
            for _ in 0..<limit {
                guard let digit = rest.first.flatMap({ UInt8(String(UnicodeScalar($0)), radix: Int(radix)) }) else {
                    break
                }
                value = value &* radix &+ digit
                rest.removeFirst()
            }
            return value
        }
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let kind = rest.first else {
                bytes.append(byte)
                continue
            }
            if (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(kind) {
                bytes.append(digits(8, atMost: 3))
                continue
            }
            rest.removeFirst()
            switch UnicodeScalar(kind) {
            case "x": bytes.append(digits(16, atMost: 2))
            case "n": bytes.append(10)
            case "t": bytes.append(9)
            case "r": bytes.append(13)
            case "v": bytes.append(11)
            case "f": bytes.append(12)
            default: bytes.append(kind)
            }
        }
        return bytes
    }
}
