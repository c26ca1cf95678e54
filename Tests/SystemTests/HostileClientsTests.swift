import Foundation
import TestSupport
import Testing

/// A receiver among strangers: a crowd of idle connections, every attack at once, and honest senders in between.
///
/// What each attack is answered is tested one by one in ReceiverTests; here it is that they do not matter together.
@Suite struct HostileClientsTests {
    private struct Outcome: Decodable {
        let stored: Int
        let crowd: Int
        let answers: [String: [String: Int]]
    }

    /// What a receiver may say of each: of what is honest, however odd, 200; of the rest that it is refused, or nothing.
    private static let allowed: [String: Set<String>] = [
        "old HTTP": ["200"], "encoded bomb": ["200"],
        // Its first three bytes are a delivery, and what follows is no request.
        "length too small": ["200", "closed"],
        "slow head": [], "slow body": ["408"], "endless chunks": ["413", "408", "closed"],
        "length too large": ["413", "closed"], "two lengths": ["400"], "length and chunks": ["400"],
        "chunks named twice": ["400", "501"], "chunks in disguise": ["400", "501"], "folded header": ["400"],
        "space before colon": ["400"], "header flood": ["400", "431", "closed"],
        "large header": ["400", "431", "closed"],
        "no HTTP": ["400", "closed"],
    ]

    @Test func honestSendersAreServedAndMemoryIsBounded() throws {
        let bench = try Workbench()
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        // 10,000 where a process may have that many open files; both sides need one for each.
        let crowd = min(10_000, Int(min(limit.rlim_max, 1 << 20)) * 3 / 4 - 1000)
        try #require(crowd > 1000, "this needs thousands of open files: raise the hard limit (ulimit -Hn)")
        let receiver = try bench.receiver(
            "--max-connections", "\(crowd + 500)", "--header-timeout", "10m", "--body-timeout", "3s",
            openFiles: 2000 + crowd * 5 / 4)
        let seconds = isLong ? 60 : 6
        let hostile = try bench.start(
            "/bin/bash",
            [
                "-c", #"ulimit -n "$1"; shift; exec "$@""#, "bash", "\(2000 + crowd * 5 / 4)", python,
                script("hostile.py"), receiver.url, "\(crowd)", "\(seconds)",
            ])
        try waitUntil { try hostile.errors == "begun\n" || !hostile.isRunning }
        let honest = try bench.start(python, [script("load.py"), receiver.url, "\(seconds)", "4"])
        let result = try hostile.end()
        try #require(result.status == 0, "\(result.errors)")
        let outcome: Outcome = try result.json()
        let served = try honest.end()
        // Each of them was served; how often is up to the machine.
        #expect(served.status == 0, "\(served.errors)")

        for (name, answers) in outcome.answers where name != "pipelining" {
            let allowed = try #require(Self.allowed[name], "\(name)")
            #expect(Set(answers.keys).subtracting(allowed).subtracting(["none yet"]) == [], "\(name): \(answers)")
        }
        #expect(Set(outcome.answers.keys).subtracting(["pipelining"]) == Set(Self.allowed.keys))
        #expect(outcome.crowd == crowd)
        let peak = try receiver.peakMemory
        print(
            "hostile clients: \(crowd) idle connections, \(served.lines.count) honest deliveries in \(seconds) s, peak \(peak) kB"
        )
        // Some 20 kB a connection, and what payloads may take in all.
        #expect(peak < 40_000 + 20 * crowd + 64 * 1024)

        #expect(try receiver.post("{}", to: "production") == 200)
        #expect(try receiver.stop().status == 0)
        // All that was answered 200, and nothing else; but a 200 may be lost as the connection is cut for what follows.
        let unheard = outcome.answers["length too small"]?["closed"] ?? 0
        let stored = outcome.stored + served.lines.count + 1
        let spooled = try bench.spooled().count + bench.spooled("sandbox").count
        #expect((stored...stored + unheard).contains(spooled))
        #expect(try bench.spooled("production", "tmp") == [])
    }
}
