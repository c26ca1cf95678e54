import Testing

@testable import Webhooks

@Suite("Who may send") struct SignatureTests {
    static let payload = Array(#"{"event_type":"ping","data":{"success":true}}"#.utf8)

    static func claim(
        _ environment: Environment = .production, path: String? = nil, _ headers: [String: String] = [:]
    ) -> SenderAuthenticator.Claim {
        SenderAuthenticator.Claim(
            environment: environment, pathSecret: path.map { Array($0.utf8) }, headers: headers.mapValues { [$0] })
    }

    static func claim(_ headers: [String: String]) -> SenderAuthenticator.Claim { claim(.production, headers) }

    static func verdict(
        _ check: SenderAuthenticator, _ claim: SenderAuthenticator.Claim, _ payload: [UInt8] = payload,
        now: Int = 1_731_705_121
    ) -> SenderAuthenticator.Rejection? {
        check.rejection(ofHead: claim, now: now) ?? check.rejection(of: payload, claim)
    }

    // MARK: Secrets that are sent

    @Test func noneAsksForNothing() throws {
        let check = try SenderAuthenticator(.none, secrets: [])
        #expect(Self.verdict(check, Self.claim()) == nil)
        #expect(!check.isClosed(.sandbox))
    }

    @Test(arguments: [SenderAuthenticator.Rule.path, .header(name: "Verif-Hash")])
    func anySecretIsGood(_ rule: SenderAuthenticator.Rule) throws {
        let check = try SenderAuthenticator(rule, secrets: ["old", "new"].map { Secret($0) })
        func claim(_ secret: String) -> SenderAuthenticator.Claim {
            rule == .path ? Self.claim(path: secret) : Self.claim(["verif-hash": secret])
        }
        for secret in ["old", "new"] { #expect(Self.verdict(check, claim(secret)) == nil) }
        for secret in ["", "ol", "older", "OLD", "old\0"] { #expect(Self.verdict(check, claim(secret)) == .wrong) }
        #expect(Self.verdict(check, Self.claim()) == .missing)
    }

    @Test func aSecretMayBeForOneEnvironment() throws {
        let check = try SenderAuthenticator(.path, secrets: ["production:p", "sandbox:s", "both"].map { Secret($0) })
        #expect(Self.verdict(check, Self.claim(.production, path: "p")) == nil)
        #expect(Self.verdict(check, Self.claim(.sandbox, path: "s")) == nil)
        #expect(Self.verdict(check, Self.claim(.sandbox, path: "p")) == .wrong)
        #expect(Self.verdict(check, Self.claim(.production, path: "s")) == .wrong)
        for environment in Environment.allCases {
            #expect(Self.verdict(check, Self.claim(environment, path: "both")) == nil)
        }
        let half = try SenderAuthenticator(.path, secrets: [Secret("production:p")])
        #expect(half.isClosed(.sandbox) && !half.isClosed(.production))
        #expect(Self.verdict(half, Self.claim(.sandbox, path: "p")) == .wrong)
    }

    @Test func aHeaderThatStandsTwiceIsNone() throws {
        let check = try SenderAuthenticator(.header(name: "x"), secrets: [Secret("s")])
        let claim = SenderAuthenticator.Claim(environment: .sandbox, pathSecret: nil, headers: ["x": ["s", "s"]])
        #expect(Self.verdict(check, claim) == .missing)
    }

    // MARK: HMAC

    /// RFC 4231, test case 2.
    static let rfc4231 = Array("what do ya want for nothing?".utf8)
    static let codes: [(SenderAuthenticator.HMACForm.Algorithm, SenderAuthenticator.HMACForm.Encoding, String)] = [
        (.sha256, .hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (.sha256, .hex, "5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843"),
        (.sha256, .base64, "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="),
        (
            .sha512, .hex,
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
                + "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
        ),
        (
            .sha512, .base64,
            "Fkt6e/z4GeLjlfvnO1bgo4e9ZCIugx/WECcM1+olBVSXWL91wFqZSm0DT2X48Ob9yuqxo01Ka0tjbgcKOLznNw=="
        ),
    ]

    @Test(arguments: codes)
    func hmac(
        _ algorithm: SenderAuthenticator.HMACForm.Algorithm, _ encoding: SenderAuthenticator.HMACForm.Encoding,
        _ code: String
    ) throws {
        let form = SenderAuthenticator.HMACForm(
            header: "X-Hub-Signature-256", prefix: "sha=", encoding: encoding, algorithm: algorithm)
        let check = try SenderAuthenticator(.hmac(form), secrets: [Secret("other"), Secret("Jefe")])
        func verdict(_ value: String, _ payload: [UInt8] = Self.rfc4231) -> SenderAuthenticator.Rejection? {
            Self.verdict(check, Self.claim(["x-hub-signature-256": value]), payload)
        }
        #expect(verdict("sha=\(code)") == nil)
        #expect(verdict("sha=\(code)", Self.rfc4231 + [0]) == .wrong)
        #expect(verdict(code) == .missing, "without its prefix")
        #expect(verdict("sha=\(code.dropLast(4))") == .wrong, "cut")
        #expect(verdict("sha=\(code)\(code)") != nil)
        #expect(verdict("sha=") == .wrong)
        #expect(verdict("sha=!") == .missing)
        #expect(Self.verdict(check, Self.claim(), Self.rfc4231) == .missing)
    }

    // MARK: Standard Webhooks

    /// The specification's example.
    static let headers = [
        "webhook-id": "msg_loFOjxBNrRLzqYUf", "webhook-timestamp": "1731705121",
        "webhook-signature": "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
    ]
    static let secret = "whsec_plJ3nmyCDGBKInavdOK15jsl"

    static func standard(tolerance: Int = 300, secrets: [String] = [secret]) throws -> SenderAuthenticator {
        try SenderAuthenticator(.standardWebhooks(tolerance: tolerance), secrets: secrets.map { Secret($0) })
    }

    @Test func standardWebhooksExamples() throws {
        #expect(try Self.verdict(Self.standard(), Self.claim(Self.headers)) == nil)
        // That of Svix's manual, whose headers have other names and the same meaning.
        let check = try Self.standard(secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
        let headers = [
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ]
        let payload = Array(#"{"test": 2432232314}"#.utf8)
        #expect(Self.verdict(check, Self.claim(headers), payload, now: 1_614_265_330) == nil)
    }

    /// What one side signs, the other accepts, and the specification's example is reproduced.
    @Test(arguments: [
        SenderAuthenticator.Rule.standardWebhooks(tolerance: 300), .header(name: "X-Secret"),
        .hmac(.init(header: "X-Sig", prefix: "sha256=", encoding: .hex, algorithm: .sha256)),
        .hmac(.init(header: "X-Sig", prefix: "", encoding: .base64, algorithm: .sha512)),
    ])
    func proofsAreAccepted(rule: SenderAuthenticator.Rule) throws {
        let secrets = [Secret("sandbox:whsec_AAAA"), Secret(Self.secret)]
        let check = try SenderAuthenticator(rule, secrets: secrets)
        let (id, now, payload) = ("msg_loFOjxBNrRLzqYUf", 1_731_705_121, Self.payload)
        let proof = check.proof(of: payload, id: id, in: .production, at: now)
        let headers = Dictionary(uniqueKeysWithValues: proof.map { ($0.name.lowercased(), $0.value) })
        #expect(Self.verdict(check, Self.claim(headers), payload, now: now) == nil)
        #expect(
            Self.verdict(check, Self.claim(headers), payload + [32], now: now) != nil
                || rule == .header(name: "X-Secret"))
        if case .standardWebhooks = rule { #expect(headers == Self.headers) }
    }

    private static func svix(_ headers: [String: String]) -> [String: String] {
        Dictionary(uniqueKeysWithValues: headers.map { ($0.key.replacing("webhook-", with: "svix-"), $0.value) })
    }

    @Test func svixNamesAreAccepted() throws {
        #expect(try Self.verdict(Self.standard(), Self.claim(Self.svix(Self.headers))) == nil)
        let both = Self.headers.merging(Self.svix(Self.headers)) { $1 }
        #expect(try Self.verdict(Self.standard(), Self.claim(both)) == nil)
        let wrong = Self.svix(Self.headers).merging(["svix-id": "msg_other"]) { $1 }
        #expect(try Self.verdict(Self.standard(), Self.claim(wrong)) == .wrong)
    }

    @Test(arguments: ["webhook-id", "webhook-timestamp", "webhook-signature"])
    func theTwoFamiliesOfNamesAreNeverMixed(_ name: String) throws {
        var headers = Self.headers
        headers[name.replacing("webhook-", with: "svix-")] = headers.removeValue(forKey: name)
        #expect(try Self.verdict(Self.standard(), Self.claim(headers)) == .missing)
        // Not even a complete set of the other family makes up for a header that is missing.
        headers = Self.headers.merging(Self.svix(Self.headers)) { $1 }
        headers[name] = nil
        #expect(try Self.verdict(Self.standard(), Self.claim(headers)) == .missing)
    }

    /// The libraries of Standard Webhooks accept these spellings of a secret. The bytes have `+`, `/`, and padding in base64.
    @Test func aSecretMayBeUnpaddedOrURLSafe() throws {
        let spellings = [
            "whsec_+/8A+/8A+w==", "whsec_+/8A+/8A+w", "whsec_-_8A-_8A-w==", "-_8A-_8A-w", "+/8A+/8A+w",
        ]
        for rule in [SenderAuthenticator.Rule.standardWebhooks(tolerance: 300)] {
            let keys = spellings.map { Secret($0).key(for: rule) }
            #expect(keys.allSatisfy { $0 == [0xfb, 0xff, 0x00, 0xfb, 0xff, 0x00, 0xfb] }, "\(keys)")
            for text in [
                "whsec_", "whsec_+/8A+", "whsec_+/8A+/8A+w=", "whsec_+/8A=+/8A", "whsec_ +/8A", "whsec_+/8A\n",
            ] {
                #expect(Secret(text).key(for: rule) == nil, "\(text)")
            }
        }
    }

    @Test func standardWebhooksRotation() throws {
        let other = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        for secrets in [[other, Self.secret], [Self.secret, other], ["production:\(Self.secret)"]] {
            #expect(try Self.verdict(Self.standard(secrets: secrets), Self.claim(Self.headers)) == nil)
        }
        #expect(try Self.verdict(Self.standard(secrets: [other]), Self.claim(Self.headers)) == .wrong)
        #expect(
            try Self.verdict(Self.standard(secrets: ["production:\(Self.secret)"]), Self.claim(.sandbox, Self.headers))
                == .wrong)
        // The sender signs with both while it changes from one to the other; and may sign in ways not known here.
        let good = "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="
        let bad = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        for (list, verdict) in [
            ("\(bad) \(good)", nil), ("\(good) \(bad)", nil), ("v1a,xyz \(good)", nil), (bad, .wrong),
            ("v1a,rAvf", .missing), ("", .missing), ("\(good.dropFirst(3))", .missing),
        ] as [(String, SenderAuthenticator.Rejection?)] {
            let headers = Self.headers.merging(["webhook-signature": list]) { $1 }
            #expect(try Self.verdict(Self.standard(), Self.claim(headers)) == verdict, "\(list)")
        }
    }

    @Test(
        arguments: [
            (0, nil), (300, nil), (301, .stale), (-300, nil), (-301, .stale), (1_000_000, .stale),
        ] as [(Int, SenderAuthenticator.Rejection?)])
    func standardWebhooksTolerance(_ offset: Int, _ verdict: SenderAuthenticator.Rejection?) throws {
        #expect(
            try Self.verdict(Self.standard(), Self.claim(Self.headers), now: 1_731_705_121 + offset) == verdict)
    }

    @Test(arguments: ["webhook-id", "webhook-timestamp", "webhook-signature"])
    func standardWebhooksSignsEverything(_ name: String) throws {
        let check = try Self.standard()
        var headers = Self.headers
        headers[name] = nil
        #expect(Self.verdict(check, Self.claim(headers)) == .missing)
        headers[name] = ""
        #expect(Self.verdict(check, Self.claim(headers)) == .missing)
        for (name, value) in [("webhook-id", "msg_other"), ("webhook-timestamp", "1731705122")] {
            let changed = Self.headers.merging([name: value]) { $1 }
            #expect(Self.verdict(check, Self.claim(changed)) == .wrong)
        }
        #expect(Self.verdict(check, Self.claim(Self.headers), Self.payload.dropLast() + [0x20]) == .wrong)
        for time in ["-1", "1731705121.0", "0x1", " 1731705121", "99999999999999999999", "१"] {
            let changed = Self.headers.merging(["webhook-timestamp": time]) { $1 }
            #expect(Self.verdict(check, Self.claim(changed)) == .missing, "\(time)")
        }
    }

    @Test(
        arguments: [
            (.standardWebhooks(tolerance: 1), "whsec_???"), (.standardWebhooks(tolerance: 1), "hunter2"), (.path, ""),
            (.path, "production:"),
        ] as [(SenderAuthenticator.Rule, String)])
    func unusableSecretsAreTold(_ rule: SenderAuthenticator.Rule, _ secret: String) throws {
        let error = #expect(throws: UnusableSecret.self) { try SenderAuthenticator(rule, secrets: [Secret(secret)]) }
        if !secret.isEmpty, let error { #expect(!"\(error)".contains(secret)) }
    }

    // MARK: Base64

    /// RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"), ("Zm9vYmE=", "fooba"),
        ("Zm9vYmFy", "foobar"),
    ])
    func base64(_ text: String, _ bytes: String) {
        #expect([UInt8](base64: text.utf8) == Array(bytes.utf8))
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zg=a", "=Zg=", "Z===", "====", "Zh==", "Zm9=", "Zm 8", "Zm8=\n", "Zm-_",
        "Zm8=Zm8=",
    ])
    func base64Refused(_ text: String) {
        #expect([UInt8](base64: text.utf8) == nil)
    }
}
