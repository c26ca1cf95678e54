import Crypto
import Foundation
import TestSupport
import Testing
import Webhooks

@testable import Receiver

private let payload = #"{"event":"BUSINESS_ACTIVATED","data":{}}"#

/// One request with this payload, and the answer's status.
private func post(
    _ server: TestServer, _ path: String, _ headers: [String] = [], _ body: String = payload
) throws -> Int {
    let lines = (["Host: x", "Content-Length: \(body.utf8.count)"] + headers).joined(separator: "\r\n")
    let client = try server.connect()
    try client.send("POST /webhooks/\(path) HTTP/1.1\r\n\(lines)\r\n\r\n\(body)")
    return try #require(try client.reply()).status
}

@Suite("Senders") struct SenderTests {
    @Test func aSecretInThePath() async throws {
        try await TestServer.Setup(.path, secrets: ["both/%", "production:only"]).run { (server) throws in
            for (path, status) in [
                ("sandbox/both%2F%25", 200), ("production/both%2f%25?x", 200), ("production/only", 200),
                ("sandbox/only", 401), ("sandbox", 401), ("sandbox/", 401), ("sandbox/both", 401),
                ("nowhere/only", 404), ("sandbox/both/%", 404),
            ] {
                #expect(try post(server, path) == status, "\(path)")
            }
            #expect(try server.spool.payloads(.sandbox) == [payload])
            #expect(try server.spool.payloads(.production) == [payload, payload])
            #expect(server.log.all.contains { $0.hasPrefix("info: 401 wrong-proof sandbox from 127.0.0.1") })
            #expect(server.log.all.allSatisfy { !$0.contains("only") && !$0.contains("both") })
        }
    }

    @Test func aChallengeIsNamed() async throws {
        try await TestServer.Setup(.path, secrets: ["s"]).run { (server) throws in
            let client = try server.connect()
            try client.send("POST /webhooks/sandbox/t HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n")
            let reply = try #require(try client.reply())
            #expect(reply.status == 401, "before the body is there")
            #expect(reply.headers["www-authenticate"] == "Webhook")
            #expect(reply.body == "the secret or signature is missing or wrong\n")
            #expect(try server.spool.all() == [])
        }
    }

    @Test func aSecretInAHeader() async throws {
        let setup = TestServer.Setup(.header(name: "Verif-Hash"), secrets: ["s3cret"])
        try await setup.with(\.headerAllowList, HeaderAllowList(["x-id"])).run { (server) throws in
            #expect(try post(server, "sandbox", ["verif-hash: s3cret", "X-Id: 7"]) == 200)
            #expect(try post(server, "sandbox", ["verif-hash: s3cret \t"]) == 200)
            #expect(try post(server, "sandbox", ["verif-hash: S3cret"]) == 401)
            #expect(try post(server, "sandbox", ["verif-hash: s3cret", "verif-hash: s3cret"]) == 401)
            #expect(try post(server, "sandbox") == 401)
            #expect(try post(server, "sandbox/s3cret", ["verif-hash: s3cret"]) == 404)
            #expect(try server.spool.payloads(.sandbox) == [payload, payload])
            #expect(try server.spool.sidecars(.sandbox) == [#"{"x-id":"7"}"#], "the secret is kept nowhere")
        }
    }

    @Test(arguments: SenderAuthenticator.HMACForm.Algorithm.allCases, SenderAuthenticator.HMACForm.Encoding.allCases)
    func anHMAC(
        _ algorithm: SenderAuthenticator.HMACForm.Algorithm, _ encoding: SenderAuthenticator.HMACForm.Encoding
    ) async throws {
        func signature(_ secret: String) -> String {
            let (key, data) = (SymmetricKey(data: Data(secret.utf8)), Data(payload.utf8))
            let code =
                algorithm == .sha256
                ? Data(HMAC<SHA256>.authenticationCode(for: data, using: key))
                : Data(HMAC<SHA512>.authenticationCode(for: data, using: key))
            return encoding == .hex ? Hex.encode(code) : code.base64EncodedString()
        }
        let form = SenderAuthenticator.HMACForm(
            header: "X-Signature", prefix: "v=", encoding: encoding, algorithm: algorithm)
        try await TestServer.Setup(.hmac(form), secrets: ["new", "old"]).run { (server) throws in
            #expect(try post(server, "sandbox", ["x-signature: v=\(signature("old"))"]) == 200)
            #expect(try post(server, "sandbox", ["x-signature: v=\(signature("new"))"]) == 200)
            #expect(try post(server, "sandbox", ["x-signature: v=\(signature("other"))"]) == 401)
            #expect(try post(server, "sandbox", ["x-signature: \(signature("new"))"]) == 401)
            #expect(try post(server, "sandbox", ["x-signature: v=\(signature("new"))"], payload + " ") == 401)
            #expect(try post(server, "sandbox") == 401)
            #expect(try server.spool.payloads(.sandbox) == [payload, payload])
            let metrics = server.receiver.metrics.text(server.receiver.gauges)
            #expect(metrics.contains(#"deliveries_total{environment="sandbox",outcome="refused"} 4"#))
            #expect(metrics.contains(#"refusals_total{reason="wrong-proof",status="401"} 2"#))
            #expect(metrics.contains(#"refusals_total{reason="no-proof",status="401"} 2"#))
        }
    }

    @Test func standardWebhooks() async throws {
        let key = Data((0..<24).map { _ in UInt8.random(in: .min ... .max) })
        /// - Parameter late: how long ago it was sent, in seconds.
        func headers(_ id: String, late: Int = 0) -> [String] {
            let time = Int(Date().timeIntervalSince1970) - late
            let code = HMAC<SHA256>.authenticationCode(
                for: Data("\(id).\(time).\(payload)".utf8), using: SymmetricKey(data: key))
            return [
                "Webhook-Id: \(id)", "Webhook-Timestamp: \(time)",
                "Webhook-Signature: v1,AAAA v1,\(Data(code).base64EncodedString())",
            ]
        }
        let secret = "whsec_\(key.base64EncodedString())"
        let setup = TestServer.Setup(.standardWebhooks(tolerance: 300), secrets: [secret])
        try await setup.with(\.headerAllowList, HeaderAllowList(["webhook-id"])).run { (server) throws in
            #expect(try post(server, "production", headers("msg_1")) == 200)
            #expect(try post(server, "production", headers("msg_1", late: 400)) == 401)
            #expect(try post(server, "production", headers("msg_1", late: -400)) == 401)
            #expect(try post(server, "production", Array(headers("msg_1").dropFirst())) == 401)
            #expect(try post(server, "production", headers("msg_1"), "{}") == 401)
            #expect(try server.spool.payloads(.production) == [payload])
            #expect(try server.spool.sidecars(.production) == [#"{"webhook-id":"msg_1"}"#])
            #expect(server.log.all.contains { $0.contains("401 stale-proof production") })
        }
    }

    // MARK: Headers that are kept

    @Test func headerAllowList() async throws {
        let kept = HeaderAllowList(["X-B", "x-a", "x-absent"])
        try await TestServer.with(\.headerAllowList, kept).run { (server) throws in
            let lines = [
                "X-A: one", "Cookie: no", #"x-b: a "quoted\" \#u{e9}"#, "x-a:  two ", "X-a: \u{9}three\u{9}\u{9}",
            ]
            #expect(try post(server, "sandbox", lines) == 200)
            #expect(try post(server, "sandbox", ["Cookie: no"]) == 200)
            #expect(
                try server.spool.sidecars(.sandbox) == [#"{"x-a":"one, two, three","x-b":"a \"quoted\\\" \#u{e9}"}"#])
            let names = try server.spool.names(.sandbox, "new")
            #expect(names.count == 3)
            let sidecar = try #require(names.first { $0.hasSuffix(".headers.json") })
            #expect(names.contains(sidecar.replacing(".headers", with: "")))
        }
    }

    @Test func aHeaderThatIsNoTextIsKeptAsFarAsItIs() async throws {
        try await TestServer.with(\.headerAllowList, HeaderAllowList(["x-a"])).run { (server) throws in
            let client = try server.connect()
            try client.send("POST /webhooks/sandbox HTTP/1.1\r\nHost: x\r\nX-A: caf")
            try client.send([0xE9, 0x21])
            try client.send("\r\nContent-Length: 0\r\n\r\n")
            #expect(try client.reply()?.status == 200)
            #expect(try server.spool.sidecars(.sandbox) == [#"{"x-a":"caf\#u{FFFD}!"}"#])
        }
    }
}
