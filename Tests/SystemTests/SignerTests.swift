import Foundation
import TestSupport
import Testing

/// A signer that we did not write: the package `standardwebhooks` of PyPI.
@Suite struct SignerTests {
    private static let secret = "whsec_\(Data((0..<24).map { UInt8($0) }).base64EncodedString())"
    private static let other = "whsec_\(Data((0..<24).map { UInt8($0 + 100) }).base64EncodedString())"

    /// The three headers.
    private func sign(_ payload: String, id: String, secret: String, secondsAgo: Int = 0) throws -> [String] {
        let script = """
            import sys, datetime
            from standardwebhooks.webhooks import Webhook
            secret, id, ago = sys.argv[1:]
            now = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=int(ago))
            print("webhook-id:", id)
            print("webhook-timestamp:", int(now.timestamp()))
            print("webhook-signature:", Webhook(secret).sign(id, now, sys.stdin.read()))
            """
        let result = try run(python, ["-c", script, secret, id, "\(secondsAgo)"], input: Array(payload.utf8))
        try #require(result.lines.count == 3, "run .ci/install tests: \(result.errors)")
        return result.lines
    }

    @Test func onlySignedRequestsAreAccepted() throws {
        try withWorkbench { bench in
            try bench.folder.write("\(Self.secret)\n".utf8, to: "secrets")
            let receiver = try bench.receiver("--auth", "standard-webhooks", "--secret-file", "secrets")
            let payload = #"{"event":"RECORD_CREATED","data":{"business_id":"acme","total":1250.00}}"#
            func post(_ headers: [String], _ body: String = payload) throws -> Int? {
                try receiver.post(body, to: "production", headers: headers)
            }
            let first = try sign(payload, id: "msg_1", secret: Self.secret)
            #expect(try post(first) == 200)
            // A retry: the id stays, time and signature are the attempt's.
            #expect(try post(sign(payload, id: "msg_1", secret: Self.secret, secondsAgo: 60)) == 200)
            // Equal to the byte, and yet another event.
            #expect(try post(sign(payload, id: "msg_2", secret: Self.secret)) == 200)

            #expect(try post(sign(payload, id: "msg_3", secret: Self.other)) == 401)
            #expect(try post(sign(payload, id: "msg_3", secret: Self.secret, secondsAgo: 600)) == 401)
            #expect(try post(first, payload + " ") == 401)
            #expect(try post([]) == 401)
            #expect(try receiver.stop().status == 0)

            let counts = try bench.sweep("--id-header", "webhook-id")
            #expect(counts.received == 3 && counts.archived == 2 && counts.redelivered == 1)
            let keys = try bench.sh("zcat archive/environment=production/business=acme/day=*/*.gz | jq -r .key")
            #expect(keys.lines == ["msg_1", "msg_2"])
        }
    }

    @Test func secretsAreRotatedWithoutARejection() throws {
        try withWorkbench { bench in
            try bench.folder.write("\(Self.secret)\nproduction:\(Self.other)\n".utf8, to: "secrets")
            let receiver = try bench.receiver("--auth", "standard-webhooks", "--secret-file", "secrets")
            for (secret, environment, status) in [
                (Self.secret, "production", 200), (Self.other, "production", 200), (Self.secret, "sandbox", 200),
                (Self.other, "sandbox", 401),
            ] {
                let headers = try sign("{}", id: "msg", secret: secret)
                #expect(try receiver.post("{}", to: environment, headers: headers) == status)
            }
            #expect(try receiver.stop().status == 0)
        }
    }
}
