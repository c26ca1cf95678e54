import Foundation
import TestSupport
import Testing

/// `daybook replay`, to a consumer that is as good or as bad as the path of its URL says.
@Suite struct ReplayTests {
    /// What `daybook replay --json` prints.
    private struct Report: Decodable {
        let acknowledged, acknowledgedBefore, failed, heldBusinesses, retries, gone: Int

        enum CodingKeys: String, CodingKey {
            case acknowledged, failed, retries, gone
            case acknowledgedBefore = "acknowledged_before"
            case heldBusinesses = "held_businesses"
        }
    }

    /// Puts some events of each business into the archive.
    private func fill(_ bench: Workbench, businesses: Int, events: Int) throws {
        for event in 0..<events {
            for business in 0..<businesses {
                let time =
                    "2026-03-\(String(format: "%02d", 1 + event % 5))T10:\(String(format: "%02d", event / 5)):00Z"
                try bench.receive(
                    #"{"event":"T_\#(event % 3)","data":{"business_id":"b\#(business)","n":\#(event)}}"#, at: time)
            }
        }
        try bench.sweep()
    }

    @discardableResult
    private func replay(
        _ bench: Workbench, to target: String, _ options: String..., status: Int32 = 0,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> ProgramResult {
        let result = try bench.sh(
            "daybook replay --environment production \(target) --retry-delay 1ms \(options.joined(separator: " "))")
        #expect(result.status == status, "\(result.text)\(result.errors)", sourceLocation: sourceLocation)
        return result
    }

    private func url(_ consumer: Consumer, _ path: String) -> String {
        "--to http://127.0.0.1:\(consumer.port)/\(path) --allow-private"
    }

    /// Whether the acknowledged requests for each business are in the order of the archive.
    private func expectOrder(_ bench: Workbench, _ requests: [Consumer.Request]) throws {
        let lines = try bench.sh("daybook events --fields id,business").lines
        struct Row: Decodable { let id, business: String }
        let rows = try lines.map { try JSONDecoder().decode(Row.self, from: Data($0.utf8)) }
        let place = Dictionary(uniqueKeysWithValues: rows.enumerated().map { ($1.id, $0) })
        let businesses = Dictionary(uniqueKeysWithValues: rows.map { ($0.id, $0.business) })
        for (business, requests) in Dictionary(grouping: requests, by: { businesses[$0.id ?? ""] ?? "none" }) {
            let places = requests.filter(\.isAcknowledged).compactMap { place[$0.id ?? ""] }
            #expect(places == places.sorted(), "\(business)")
        }
    }

    @Test func payloadsAndKeptHeadersAreSentAsTheyCame() throws {
        try withWorkbench { bench in
            let hostile = "{\"event\":\"T\",\r\n \"data\":{\"business_id\":\"b\",\"x\":1e400,\"y\":\"\\u0000 é\"}}"
            let id = try bench.receive(hostile, at: "2026-03-01T10:00:00Z")
            let headers =
                #"{"webhook-id":"msg_1","x-trace":"a, b","content-length":"7","bad name":"x","split":"a\r\nb"}"#
            try bench.folder.write(headers.utf8, to: "spool/production/new/\(id).headers.json")
            let plain = try bench.receive(#"{"event":"T","data":{"business_id":"c"}}"#, at: "2026-03-01T10:00:00Z")
            try bench.sweep()
            let consumer = try Consumer(in: bench)
            let report: Report = try replay(bench, to: url(consumer, "ok"), "--json").json()
            #expect(report.acknowledged == 2)
            let requests = try consumer.requests()
            let first = try #require(requests.first { $0.id == id })
            #expect(first.body == hostile)
            #expect(first.headers["webhook-id"] == "msg_1" && first.headers["x-trace"] == "a, b")
            #expect(first.headers["content-length"] == "\(hostile.utf8.count)")
            #expect(first.headers["bad name"] == nil && first.headers["split"] == nil)
            let second = try #require(requests.first { $0.id == plain })
            #expect(second.headers["webhook-id"] == plain && second.headers["content-type"] == "application/json")
            #expect(first.headers["daybook-replay"] == second.headers["daybook-replay"])
            #expect(first.headers["daybook-replay"]?.count == 36)
        }
    }

    @Test func filtersSelect() throws {
        try withWorkbench { bench in
            try fill(bench, businesses: 4, events: 10)
            for filter in [
                "", "--business b1 --business b3", "--type 'T_1' --where '/data/n > 3'",
                "--from 2026-03-02 --until 2026-03-03",
                "--received-from 2026-03-04T00:00:00.000Z",
            ] {
                let printed = try bench.sh(
                    "daybook events \(filter.replacing("--until", with: "--to")) --fields id | jq -r .id | sort")
                let replayed = try bench.sh(
                    """
                    daybook replay --environment production --exec 'cat >/dev/null; echo $EVENT_ID' --journal j \(filter) \
                    2>errors | sort; rm -f j; cat errors >&2
                    """)
                #expect(printed.text == replayed.text && !printed.text.isEmpty, "\(filter): \(replayed.errors)")
                let forecast = try replay(bench, to: "--exec true", "--dry-run --json", filter)
                #expect(forecast.text.contains(#""events":\#(printed.lines.count),"#), "\(filter): \(forecast.text)")
            }
        }
    }

    /// Each event is acknowledged at least once, and none again that the journal has, although the consumer fails one request
    /// in ten, and both are killed twice.
    @Test func deathsOfBothSides() throws {
        try withWorkbench { bench in
            let (businesses, events) = isLong ? (200, 500) : (20, 40)
            try fill(bench, businesses: businesses, events: events)
            let consumer = try Consumer(in: bench)
            let arguments =
                ["replay", "--environment", "production", "--to", "http://127.0.0.1:\(consumer.port)/flaky"]
                + ["--allow-private", "--concurrency", "8", "--retry-delay", "1ms"]
            var known: Set<String> = []
            var logged = 0
            for round in 1...2 {
                let run = try bench.start("\(buildFolder)/daybook", arguments + (round == 1 ? [] : ["--resume"]))
                let enough = round * businesses * events / 4
                try waitUntil { try consumer.requests().count > enough || !run.isRunning }
                try consumer.restart()
                try waitUntil { try consumer.requests().count > enough + businesses * events / 20 || !run.isRunning }
                #expect(run.isRunning, "\((try? run.errors) ?? "")")
                run.send(SIGKILL)
                _ = try run.end()
                try consumer.restart()
                let requests = try consumer.requests()
                #expect(requests[logged...].allSatisfy { !known.contains($0.id ?? "") })
                known = try Set(bench.sh("sqlite3 replay.sqlite 'SELECT id FROM acknowledged'").lines)
                logged = requests.count
                // What was acknowledged when the process died, and is not in the journal yet.
                let acknowledged = Set(requests.filter(\.isAcknowledged).compactMap(\.id))
                #expect(acknowledged.subtracting(known).count <= 8)
            }
            let last = try bench.daybook(arguments: arguments + ["--resume"])
            last.expectSuccess()
            let requests = try consumer.requests()
            #expect(requests[logged...].allSatisfy { !known.contains($0.id ?? "") })
            #expect(Set(requests.filter(\.isAcknowledged).compactMap(\.id)).count == businesses * events)
            try expectOrder(bench, requests)
            let again = try bench.daybook(arguments: arguments + ["--resume", "--json"])
            #expect(try again.json(Report.self).acknowledged == 0 && again.status == 0)
            #expect(try consumer.requests().count == requests.count)
        }
    }

    /// A refused event holds the later ones of its business, and no others, until it is accepted.
    @Test func aFailureHoldsItsBusiness() throws {
        try withWorkbench { bench in
            try bench.receive(#"{"event":"T","data":{"business_id":"a","n":1}}"#)
            try bench.receive(#"{"event":"T","data":{"business_id":"a","n":"refuse"}}"#)
            try bench.receive(#"{"event":"T","data":{"business_id":"a","n":3}}"#)
            try bench.receive(#"{"event":"T","data":{"business_id":"b","n":4}}"#)
            try bench.sweep()
            let consumer = try Consumer(in: bench)
            let first = try replay(bench, to: url(consumer, "picky"), "--json", status: 69)
            let report: Report = try first.json()
            #expect(
                report.acknowledged == 2 && report.failed == 1 && report.heldBusinesses == 1 && report.retries == 0)
            #expect(first.errors.contains("answered with the status 422"))
            #expect(
                try bench.sh("sqlite3 replay.sqlite 'SELECT business, cause FROM failures'").text
                    == "a|answered with the status 422\n")
            let skipping: Report = try replay(
                bench, to: url(consumer, "picky"), "--json --resume --skip-failed", status: 69
            ).json()
            #expect(skipping.acknowledged == 1 && skipping.acknowledgedBefore == 2 && skipping.failed == 1)
            // The target has another URL now, so it is another replay.
            let other = try replay(bench, to: url(consumer, "ok"), "--resume", status: 78)
            #expect(other.errors.contains("its target is http://127.0.0.1:\(consumer.port)/picky"))
            #expect(
                try replay(bench, to: url(consumer, "picky"), "--resume --business a", status: 78).errors.contains(
                    "selection"))
            #expect(try replay(bench, to: url(consumer, "picky"), status: 73).errors.contains("--resume"))
            #expect(
                try replay(bench, to: url(consumer, "picky"), "--resume --journal none", status: 66).errors.contains(
                    "none"))
        }
    }

    /// What ends a replay at once, what is repeated, and what counts as an outage.
    @Test(arguments: [
        ("redirect", #"a redirect to "/ok", which is not followed"#), ("gone", "takes no more deliveries"),
        ("down", "has not acknowledged the last"), ("forbidden", "has not acknowledged the last"),
        ("hang", "did not answer within"), ("close", "closed the connection without an answer"),
        ("garbage", "an answer that is not HTTP"),
    ])
    func badConsumers(kind: String, sentence: String) throws {
        try withWorkbench { bench in
            try fill(bench, businesses: 12, events: 2)
            let consumer = try Consumer(in: bench)
            let result = try replay(
                bench, to: url(consumer, kind), "--retries 1 --timeout 300ms", status: 69)
            #expect(result.errors.contains(sentence), "\(result.errors)")
            #expect(result.errors.contains("can be continued with --resume"))
            #expect(try consumer.requests().allSatisfy { $0.headers["daybook-replay"] != nil })
            let report: Report = try replay(bench, to: url(consumer, "ok"), "--journal other --json").json()
            #expect(report.acknowledged == 24)
        }
    }

    @Test func aTargetMayAskToWait() throws {
        try withWorkbench { bench in
            try fill(bench, businesses: 1, events: 2)
            let consumer = try Consumer(in: bench)
            let started = Date()
            let report: Report = try replay(bench, to: url(consumer, "later"), "--json").json()
            #expect(report.acknowledged == 2 && report.retries > 0)
            #expect(Date().timeIntervalSince(started) >= 1)
            let big: Report = try replay(bench, to: url(consumer, "big"), "--json --journal other").json()
            #expect(big.acknowledged == 2)
        }
    }

    @Test func privateAddressesNeedConsent() throws {
        try withWorkbench { bench in
            try fill(bench, businesses: 1, events: 1)
            let consumer = try Consumer(in: bench)
            for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0x7f.1", "169.254.169.254"] {
                let result = try replay(bench, to: "--to http://\(host):\(consumer.port)/ok", status: 64)
                #expect(result.errors.contains("--allow-private"), "\(host): \(result.errors)")
            }
            #expect(
                try replay(bench, to: "--to http://no-such-host.invalid/", status: 69).errors.contains(
                    "cannot be found"))
            #expect(
                try !FileManager.default.fileExists(atPath: bench.folder("consumer.log")) || consumer.requests().isEmpty
            )
        }
    }

    @Test func certificatesAreVerified() throws {
        try withWorkbench { bench in
            try fill(bench, businesses: 1, events: 1)
            try bench.sh(
                """
                openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
                  -keyout key.pem -out certificate.pem 2>/dev/null && cat certificate.pem key.pem > both.pem
                """
            ).expectSuccess()
            let consumer = try Consumer(in: bench, certificate: bench.folder("both.pem"))
            func target(_ host: String) -> String { "--to https://\(host):\(consumer.port)/ok --allow-private" }
            let untrusted = try replay(bench, to: target("localhost"), status: 69)
            #expect(untrusted.errors.contains("cannot be trusted"), "\(untrusted.errors)")
            let otherName = try replay(
                bench, to: target("127.0.0.1"), "--trust certificate.pem --journal other", status: 69)
            #expect(otherName.errors.contains("cannot be trusted"), "\(otherName.errors)")
            let report: Report = try replay(
                bench, to: target("localhost"), "--trust certificate.pem --journal third --json"
            ).json()
            #expect(report.acknowledged == 1)
            try replay(bench, to: target("localhost"), "--trust spool --journal fourth", status: 78)
        }
    }

    /// Our own receiver takes what the replay signs, and the sweep records redeliveries, however late.
    @Test(arguments: ["", "--id-header webhook-id", "--redelivery-window 0"])
    func ourOwnReceiverGetsRedeliveries(rules: String) throws {
        try withWorkbench { bench in
            try fill(bench, businesses: 3, events: 5)
            try bench.folder.write("whsec_plJ3nmyCDGBKInavdOK15jsl\n".utf8, to: "secret")
            let receiver = try bench.receiver(
                "--auth", "standard-webhooks", "--secret-file", bench.folder("secret"))
            let target = "--to \(receiver.url)/webhooks/production --allow-private"
            #expect(
                try replay(bench, to: target, "--json --journal unsigned", status: 69).errors.contains("status 401"))
            let signed = "--auth standard-webhooks --secret-file secret"
            let report: Report = try replay(bench, to: target, "--json \(signed)").json()
            #expect(report.acknowledged == 15)
            try receiver.stop()
            let counts: SweepCounts = try bench.sh("daybook sweep --json \(rules)").json()
            #expect(counts.received == 15 && counts.redelivered == 15 && counts.archived == 0)
            try bench.sh("daybook reindex").expectSuccess()
        }
    }

    /// A forecast knows a replay, too, however late it is.
    @Test func forecastsKnowReplays() throws {
        try withWorkbench { bench in
            let payload = #"{"event":"T","data":{"business_id":"a","n":1}}"#
            let id = try bench.receive(payload, at: "2025-01-01T10:00:00Z")
            try bench.sweep()
            for (name, event) in [("good", id), ("bad", "019ecdba-5000-7c0c-9144-6367e4b8fccd")] {
                try bench.folder.write(
                    #"{"p":\#(payload),"h":{"daybook-replay":"r","daybook-event":"\#(event)"}}"#.utf8, to: name)
            }
            func outcome(_ name: String, _ time: String) throws -> String {
                try bench.sh(
                    "daybook ingest --environment production --time \(time) --payload /p --headers /h --dry-run \(name) | jq -r .outcome"
                ).text
            }
            #expect(try outcome("good", "2025-06-01") == "redelivery\n")
            #expect(try outcome("bad", "2025-06-01") == "event\n")
        }
    }

    /// The query of a URL may have a token, which messages do not show, and which other users cannot read.
    @Test func tokensAreNotShown() throws {
        try withWorkbench { bench in
            try bench.receive(#"{"event":"T","data":{"business_id":"a","n":"refuse"}}"#)
            try bench.sweep()
            let consumer = try Consumer(in: bench)
            for options in ["", "--resume"] {
                let result = try replay(
                    bench, to: url(consumer, "down?token=secret"), "--retries 0 \(options)", status: 69)
                #expect(result.errors.contains("/down?…") && !result.errors.contains("secret"), "\(result.errors)")
            }
            let other = try replay(bench, to: url(consumer, "down?token=other"), "--resume", status: 78)
            #expect(!other.errors.contains("secret") && !other.errors.contains("other"), "\(other.errors)")
            #expect(try bench.sh("stat -c %a replay.sqlite").text == "600\n")
        }
    }

    @Test func aRemovedJournalIsReported() throws {
        try withWorkbench { bench in
            try fill(bench, businesses: 1, events: 2)
            let result = try replay(bench, to: "--exec 'rm -f replay.sqlite'", status: 74)
            #expect(result.errors.contains("it was removed while the replay ran"), "\(result.errors)")
        }
    }

    /// A delivery that only claims to be a replay is an event like any other.
    @Test func aClaimIsNotEnough() throws {
        try withWorkbench { bench in
            let id = try bench.receive(#"{"event":"T","data":{"business_id":"a","n":1}}"#)
            try bench.sweep()
            for (number, claimed) in [id, "019ecdba-5000-7c0c-9144-6367e4b8fccd", "x"].enumerated() {
                let other = try bench.receive(#"{"event":"T","data":{"business_id":"a","other":\#(number)}}"#)
                try bench.folder.write(
                    #"{"daybook-replay":"r","daybook-event":"\#(claimed)"}"#.utf8,
                    to: "spool/production/new/\(other).headers.json")
            }
            #expect(try bench.sweep().archived == 3)
        }
    }

    @Test func damageIsNamedAndTheRestIsSent() throws {
        let bench = try Workbench()
        try fill(bench, businesses: 3, events: 5)
        let path = "archive/environment=production/business=b1/day=2026-03-02/events.ndjson.gz"
        try bench.sh("printf X | dd of=\(path) bs=1 seek=40 conv=notrunc 2>/dev/null").expectSuccess()
        let result = try bench.sh(
            "daybook replay --environment production --exec 'cat >/dev/null; echo $EVENT_ID' --json > out; s=$?; tail -1 out; exit $s"
        )
        #expect(result.status == 65 && result.errors.contains(path), "\(result.errors)")
        #expect(try result.json(Report.self).acknowledged == 14)
    }

    @Test func commands() throws {
        try withWorkbench { bench in
            try fill(bench, businesses: 12, events: 3)
            // A command need not read its input, and may end with a status that asks for another attempt.
            let result = try replay(
                bench, to: "--exec 'test -e seen-$EVENT_ID && exit 0; touch seen-$EVENT_ID; exit 75'", "--json")
            let report: Report = try result.json()
            #expect(report.acknowledged == 36 && report.retries == 36)
            let refused = try replay(bench, to: "--exec 'exit 3'", "--journal other", status: 69)
            #expect(refused.errors.contains("the command ended with status 3"))
            #expect(
                try replay(bench, to: "--exec no-such-command", "--journal third", status: 69).errors.contains(
                    "status 127"))
            let late = try replay(
                bench, to: "--exec 'sleep 60'", "--journal fourth --timeout 200ms --retries 0 --concurrency 12",
                status: 69)
            #expect(late.errors.contains("did not end within"))
            #expect(try replay(bench, to: "--exec true --to http://example.com", status: 64).errors.contains("either"))
        }
    }

    /// Nobody waits for what will not be sent any more.
    @Test func anEndIsPrompt() throws {
        try withWorkbench { bench in
            try fill(bench, businesses: 2, events: 2)
            let consumer = try Consumer(in: bench)
            // Business b0 is asked to wait for an hour; then the target ends everything.
            let run = try bench.start(
                "\(buildFolder)/daybook",
                ["replay", "--environment", "production", "--to", "http://127.0.0.1:\(consumer.port)/an-hour"]
                    + ["--allow-private", "--concurrency", "1"])
            try waitUntil { try !consumer.requests().isEmpty || !run.isRunning }
            run.send(SIGTERM)
            let result = try run.end()
            #expect(
                result.status == 75 && result.errors.contains("was interrupted, and can be continued"),
                "\(result.errors)")
            #expect(try consumer.requests().count == 1)
        }
    }

    /// What is being sent at a signal is sent to its end, and is not sent again.
    @Test(arguments: [SIGINT, SIGTERM, SIGHUP]) func signalsEndItInOrder(signal: Int32) throws {
        try withWorkbench { bench in
            try fill(bench, businesses: 1, events: 4)
            let command = "cat > /dev/null; echo start >> log; sleep 1; echo end >> log"
            let run = try bench.start(
                "\(buildFolder)/daybook", ["replay", "--environment", "production", "--exec", command])
            try waitUntil { FileManager.default.fileExists(atPath: bench.folder("log")) }
            run.send(signal)
            #expect(try run.end().status == 75)
            let before = try bench.sh("cat log").lines
            #expect(before == ["start", "end"])
            #expect(
                try replay(bench, to: "--exec '\(command)'", "--resume").errors.contains(
                    "3 events acknowledged, 1 before"))
            #expect(try bench.sh("cat log").lines == (0..<4).flatMap { _ in ["start", "end"] })
        }
    }

    @Test func wrongArguments() throws {
        try withWorkbench { bench in
            try fill(bench, businesses: 1, events: 1)
            for (target, words) in [
                ("--exec ''", "--exec is empty"), ("--exec true --journal ''", "--journal is empty"),
                ("--exec true --rate 1e-30", "--rate"), ("--exec true --concurrency 0", "--concurrency"),
                ("--to http://127.0.0.1:99999/ --allow-private", "its port is 99999"),
                ("--to http://u:secret@127.0.0.1/", "has a user or a password"),
                (
                    "--to http://127.0.0.1/ --auth hmac --secret-file s --signature-header 'a b'",
                    "cannot be the name of a header"
                ),
            ] {
                let result = try replay(bench, to: target, status: 64)
                #expect(
                    result.errors.contains(words) && !result.errors.contains("secret@"), "\(target): \(result.errors)")
            }
            // A journal of such a name is a file, and one that is not a journal is left as it is.
            for name in [":memory:", "file:j?mode=memory"] {
                try replay(bench, to: "--exec true", "--journal '\(name)'")
                #expect(FileManager.default.fileExists(atPath: bench.folder(name)))
            }
            try bench.folder.write("not a journal".utf8, to: "text")
            try replay(bench, to: "--exec true", "--journal text", status: 78)
            #expect(try bench.folder.read("text") == Array("not a journal".utf8))
            // Nothing is written where a closed descriptor was.
            for closed in ["2>&-", "0<&-", ">&-"] {
                let result = try bench.sh(
                    "daybook replay --environment production --exec 'cat > out' --journal '\(closed)' \(closed)")
                #expect(result.status == 0, "\(closed): \(result.errors)")
            }
        }
    }

    /// A business whose last event was given up holds nothing.
    @Test func nothingIsHeldAfterTheLast() throws {
        try withWorkbench { bench in
            try bench.receive(#"{"event":"T","data":{"business_id":"a","n":"refuse"}}"#)
            try bench.sweep()
            let consumer = try Consumer(in: bench)
            let report: Report = try replay(bench, to: url(consumer, "picky"), "--json", status: 69).json()
            #expect(report.failed == 1 && report.heldBusinesses == 0)
        }
    }

    @Test func twoCannotShareAJournal() throws {
        try withWorkbench { bench in
            try fill(bench, businesses: 2, events: 2)
            let slow = try bench.start(
                "\(buildFolder)/daybook",
                ["replay", "--environment", "production", "--exec", "touch started; sleep 60"])
            try waitUntil { FileManager.default.fileExists(atPath: bench.folder("started")) }
            let second = try replay(bench, to: "--exec 'touch started; sleep 60'", "--resume", status: 75)
            #expect(second.errors.contains("another replay is using the journal"))
            slow.send(SIGKILL)
            _ = try slow.end()
        }
    }
}
