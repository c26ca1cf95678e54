import TestSupport
import Testing
import Webhooks

@Suite struct PayloadConditionTests {
    private static let payload = #"""
        {"event":"E","data":{"amount":1250.50,"text":"1250.5","big":9007199254740993,"small":-1e-3,"zero":-0.0,
         "name":"Ọjà \"Kora\"","escaped":"\u0041\/b","date":"2026-11-23T10:00:00Z","yes":true,"no":false,"none":null,
         "list":[{"n":1},{"n":2}],"":5,"a b":6,"x/y":7,"m~n":8,"c=d":9,"empty":""}}
        """#

    private func matches(_ condition: String, _ payload: String = Self.payload) throws -> Bool {
        let matcher = PayloadMatcher(try PayloadCondition(condition))
        return try Array(payload.utf8).withUnsafeBytes { try matcher.matches($0) }
    }

    @Test(arguments: [
        // Numbers, as decimals.
        "/data/amount = 1250.5", "/data/amount = 12505e-1", "/data/amount = 1.2505E+3",
        "/data/amount > 1250.49999999999999999",
        "/data/amount < 1250.50000000000000000000000001", "/data/amount >= 1250.5", "/data/amount <= 1250.50",
        "/data/amount != 1250", "/data/big = 9007199254740993", "/data/big != 9007199254740992",
        "/data/big > 9007199254740992", "/data/big < 1e16", "/data/small < 0", "/data/small > -0.01",
        "/data/small = -0.001",
        "/data/zero = 0", "/data/zero >= 0", "/data/zero <= 0e5", "/data/amount > -1e400",
        "/data/amount < 1e99999999999999999999",
        "/data/amount > 1e-99999999999999999999",
        // A string that is a number.
        "/data/text = 1250.50", "/data/text > 1000", #"/data/text = "1250.5""#, #"/data/text != "1250.50""#,
        // Strings.
        #"/data/name = "Ọjà \"Kora\"""#, #"/data/escaped = "A/b""#, #"/data/escaped = "\u0041\u002fb""#,
        #"/data/date >= "2026-11-23""#, #"/data/date < "2026-11-24""#, #"/data/empty = """#, #"/data/empty < "a""#,
        // Words.
        "/data/yes = true", "/data/no = false", "/data/none = null", "/data/yes != false", "/data/none != 0",
        // Values of different kinds are not equal.
        #"/data/amount != "x""#, "/data/list != 1", #"/data/yes != "true""#,
        // Regular expressions.
        #"/data/name ~ "Kora""#, #"/data/name ~ "^Ọ.*\"$""#, #"/data/date ~ "^2026-1[12]-""#,
        #"/data/escaped ~ "^A/b$""#,
        // Existence and pointers.
        "/data/none exists", "/data/list exists", "/data/list/1/n = 2", "/data/ = 5", #""/data/a b" = 6"#,
        "/data/x~1y = 7",
        "/data/m~0n = 8", #""/data/c=d" = 9"#, #""/data/none" exists"#,
        // Several.
        "/data/amount > 1000 and /data/amount < 2000", "/data/yes exists and /data/list/0/n = 1 and /data/none = null",
        " /data/amount>1000\nand\t/data/amount<=1250.5 ",
    ])
    func conditionsThatMatch(condition: String) throws { #expect(try matches(condition)) }

    @Test(arguments: [
        "/data/amount = 1250", "/data/amount > 1250.5", "/data/amount < 1250.5", "/data/big = 9007199254740992",
        "/data/big > 9007199254740993", "/data/small = 0", "/data/zero < 0", "/data/zero != 0", "/data/zero > 0",
        #"/data/amount = "1250.50""#, #"/data/amount > "1""#, "/data/name > 0", "/data/empty = 0", "/data/yes > 0",
        "/data/yes = true and /data/yes = false", "/data/none < 1",
        // Without a value, nothing matches.
        "/data/missing = 1", "/data/missing != 1", "/data/missing exists", "/missing = null", "/data/list/2/n exists",
        "/data/list/01/n exists", #"/data/missing ~ "^""#,
        #"/data/name ~ "^Kora""#, #"/data/amount ~ "1""#, "/data/list = 1", "/data/list = null",
        "/data/amount > 1000 and /data/amount > 2000", "/data/amount > 2000 and /data/amount > 1000",
    ])
    func conditionsThatDoNotMatch(condition: String) throws { #expect(try !matches(condition)) }

    @Test(arguments: [
        ("", 0, "a JSON pointer is expected"), ("   ", 3, "a JSON pointer is expected"),
        ("data/amount = 1", 0, "a JSON pointer is expected"), ("/data/amount", 12, "is expected after the pointer"),
        ("/data/amount 5", 13, "is expected after the pointer"), ("/data/amount =", 14, "a value is expected"),
        ("/data/amount == 5", 14, "a value is a number"), ("/data/é = NGN", 10, "a string in double quotes"),
        ("/data/a = 007", 10, "a value is a number"), ("/data/a = +1", 10, "a value is a number"),
        ("/data/a = .5", 10, "a value is a number"), ("/data/a = NaN", 10, "a value is a number"),
        (#"/data/a = "x"#, 10, "does not end"), (#"/data/a = "\x""#, 10, "not a valid JSON string"),
        ("/data/a = 1 or /data/b = 2", 12, "\"and\""), ("/data/a = 1 and", 15, "a JSON pointer is expected"),
        ("/data/a = 1 andy", 12, "\"and\""), ("/data/a~2 = 1", 0, "not followed by 0 or 1"),
        ("/data/a ~ x", 10, "regular expression in double quotes"), (#"/data/a ~ "(""#, 10, "not a regular expression"),
        ("/data/a existsnot", 8, "is expected after the pointer"), ("and /data/a = 1", 0, "a JSON pointer is expected"),
    ])
    func errorsPointAtTheCharacter(text: String, offset: Int, cause: String) throws {
        let error = try #require(throws: PayloadConditionError.self) { try PayloadCondition(text) }
        #expect(error.offset == offset && error.cause.contains(cause), "\(error)")
        #expect(error.description.hasSuffix("\n  \(text)\n  \(String(repeating: " ", count: offset))^"))
    }

    @Test func aMatcherRemembersWhichPointersLedToAValue() throws {
        let matcher = PayloadMatcher(try PayloadCondition("/a exists and /b = 1 and /c = 1"))
        for payload in [#"{"a":1}"#, #"{"b":2}"#] {
            #expect(try !Array(payload.utf8).withUnsafeBytes { try matcher.matches($0) })
        }
        #expect(matcher.found == [true, true, false])
    }

    @Test func aPayloadThatIsNotValidIsAnError() throws {
        let matcher = PayloadMatcher(try PayloadCondition("/a exists"))
        #expect(throws: PayloadFault.self) { try Array(#"{"a":1"#.utf8).withUnsafeBytes { try matcher.matches($0) } }
    }

    /// The reference is the order of the integers that they are thousandths of.
    @Test func randomDecimalsCompareAsIntegersOfTheSameScaleDo() throws {
        var random = SeededGenerator("decimals")
        func decimal() -> (text: String, scaled: Int) {
            let scaled =
                Int.random(in: -10_000_000...10_000_000, using: &random) / [1, 1000, 1_000_000].randomElement()!
            let (sign, digits) = (scaled < 0 ? "-" : "", String(scaled.magnitude))
            let shift = Int.random(in: 0...6, using: &random)
            let padded = String(repeating: "0", count: max(0, shift + 1 - digits.count)) + digits
            let fraction = shift == 0 ? "" : ".\(padded.suffix(shift))"
            return ("\(sign)\(padded.dropLast(shift))\(fraction)e\(shift - 3)", scaled)
        }
        for _ in 0..<2000 {
            let (a, b) = (decimal(), decimal())
            let payload = #"{"n":\#(a.text)}"#
            #expect(try matches("/n < \(b.text)", payload) == (a.scaled < b.scaled), "\(a.text) < \(b.text)")
            #expect(try matches("/n = \(b.text)", payload) == (a.scaled == b.scaled), "\(a.text) = \(b.text)")
            #expect(try matches("/n > \(b.text)", payload) == (a.scaled > b.scaled), "\(a.text) > \(b.text)")
        }
    }
}

@Suite struct PayloadFieldsTests {
    @Test func valuesAreAsThePayloadHasThem() throws {
        let payload = Array(#"{"a":{"n":1250.50,"s":"\u0041 \"q\"","l":[1, 2],"z":null,"t":true,"e":1E+400}}"#.utf8)
        let fields = PayloadFields(
            try ["/a/n", "/a/s", "/a/l", "/a/z", "/a/t", "/a/e", "/a/missing", "/a/n", "/a/l/1"].map {
                try JSONPointer($0)
            })
        let values = try payload.withUnsafeBytes { try fields.read($0) }
        #expect(values.map { $0?.text } == ["1250.50", "A \"q\"", "[1, 2]", "", "true", "1E+400", nil, "1250.50", "2"])
        #expect(
            values.map { $0.map { String(decoding: $0.json, as: UTF8.self) } } == [
                "1250.50", #""\u0041 \"q\"""#, "[1, 2]", "null", "true", "1E+400", nil, "1250.50", "2",
            ])
        #expect(values.map { $0?.isNumber } == [true, false, false, false, false, true, nil, true, true])
    }
}
