import Foundation
import Synchronization
import TestSupport
import Testing
import Webhooks

/// The receiver, with a fault at every file system call of storing a delivery, and of making its spool.
///
/// A receiver with one writer is sent a handful of distinct bodies, one after another, some with headers that it keeps,
/// and is asked once whether it is ready. strace(1) is attached to the thread that writes, once the receiver listens.
/// What has to hold:
///
/// 1. For an error, at most the one request that met it is answered otherwise than 200, and then 503 with
///    `Retry-After`; the receiver goes on, is ready, takes that delivery when it is sent again, leaves nothing unfinished
///    behind, and stops with 0. Killed, it does the same once it is started again.
/// 2. Each 200 names an entry of `new/` that has the body to the byte, and its headers. No body is there more often than
///    it was sent, and nothing else is.
/// 3. A sweep then ends with 0, as does `daybook verify`, and each delivery that was answered 200 is in an archive, a
///    ledger or quarantine, once.
///
/// A few dozen points, drawn at random, are tried in a usual run; all of them with `DAYBOOK_LONG=1`.
@Suite(.enabled(if: Strace.isUsable, Comment(rawValue: Strace.whyNot)), .serialized)
struct ReceiverFaultTests {
    @Test func storing() async throws {
        let baseline = try ReceiverFaults.attempt(nil)
        try #require(baseline.failures == [])
        let all = FaultPoint.all(in: baseline.trace, below: baseline.root, starring: true)
        await FaultTable.tryAll("daybook-receiver, storing", all, sample: 24) { point in
            // The thread that writes also wakes those that answer, by a write(2), and spares that where they are awake: so
            // a write's number is not the same in every run.
            var point = point
            for _ in 0..<20 {
                let attempt = try ReceiverFaults.attempt(point)
                guard let next = point.nextUse(after: attempt.trace, below: attempt.root) else {
                    return FaultTable.Finding(
                        point: point, reach: point.reach(in: attempt.trace, below: attempt.root),
                        failures: attempt.failures)
                }
                point.use = next
            }
            return FaultTable.Finding(point: point, reach: .nowhere, failures: [])
        }
    }

    /// Three writers at once, each struck at its own k-th use of a call: a fault of one is no matter of the others, but for
    /// those who share its sync.
    ///
    /// A write(2) that wakes those that answer is none of a file, and so no errors are tried there.
    @Test func storingTogether() async throws {
        try #require(try ReceiverFaults.attempt(nil, writers: 3).failures == [])
        let calls = ["openat", "write", "fsync", "close", "renameat"]
        let all = calls.flatMap { call in
            Fault.allCases.filter { fault in
                fault == .kill || fault == .ioError && call != "write"
                    || fault == .noSpace && ["openat", "fsync", "renameat"].contains(call)
            }.flatMap { fault in
                (1...4).map { FaultPoint(fault: fault, call: call, use: $0, ordinal: $0, path: "each") }
            }
        }
        await FaultTable.tryAll("daybook-receiver, three writers", all, sample: 12) { point in
            // Which thread takes which delivery is chance, and so whether any comes to a fourth.
            for _ in 0..<20 {
                let attempt = try ReceiverFaults.attempt(point, writers: 3)
                guard point.isHit(in: attempt.trace) || !attempt.failures.isEmpty else { continue }
                return FaultTable.Finding(point: point, reach: .there, failures: attempt.failures)
            }
            return FaultTable.Finding(point: point, reach: .nowhere, failures: [])
        }
    }

    /// What it does before it listens, on a spool that is not there yet.
    ///
    /// All of that is one thread's.
    @Test func starting() async throws {
        let baseline = try ReceiverFaults.attemptStart(nil)
        try #require(baseline.failures == [])
        let all = FaultPoint.all(in: baseline.trace, below: baseline.root)
        #expect(Set(baseline.trace.calls.map(\.thread)).count == 1)
        await FaultTable.tryAll("daybook-receiver, starting", all, sample: 16) { point in
            let attempt = try ReceiverFaults.attemptStart(point)
            return FaultTable.Finding(
                point: point, reach: point.reach(in: attempt.trace, below: attempt.root), failures: attempt.failures)
        }
    }

    /// The threads that are traced make all the calls there are: else some would be tried by nobody.
    @Test func onlyWritersUseTheSpool() throws {
        let folder = try TemporaryDirectory(inMemory: true)
        let tracing = Strace.options(output: folder("trace"), tracing: Strace.ofFiles, injections: [])
        let receiver = try RunningServer.receiver(
            spool: folder("spool"), ReceiverFaults.options + ["--writers", "3"], tracing: ["strace"] + tracing)
        try #require(receiver.port != 0, "\(receiver.errors)")
        let writers = try receiver.writers()
        let traced = Trace(String(decoding: try folder.read("trace"), as: UTF8.self)).calls.count
        for delivery in ReceiverFaults.deliveries { #expect(try receiver.post(delivery)?.status == 200) }
        #expect(try receiver.get("/ready")?.status == 200)
        let trace = Trace(String(decoding: try folder.read("trace"), as: UTF8.self))
        try receiver.stop()
        let calls = Trace(Array(trace.calls.dropFirst(traced))).calls(below: folder("spool"))
        #expect(calls.count > 50)
        #expect(calls.filter { !writers.contains($0.thread) }.map { "\($0.name) \($0.path ?? "")" } == [])
    }

    /// Asked every few seconds of a disk that fails, it would else fill the spool with its own files.
    @Test(arguments: ["fsync:error=EIO:when=2", "renameat:error=EIO:when=1", "unlinkat:error=EIO:when=1"])
    func aProbeThatFailsLeavesNothing(_ injection: String) throws {
        let folder = try TemporaryDirectory(inMemory: true)
        let receiver = try RunningServer.receiver(spool: folder("spool"), ["--writers", "1"])
        let strace = try Strace.attach(to: try receiver.writers(), output: folder("trace"), injections: [injection])
        #expect(try receiver.get("/ready")?.status == 503)
        #expect(try folder.files(below: "spool") == [])
        #expect(try receiver.stop().status == 0)
        _ = try strace.end()
        #expect(Trace(String(decoding: try folder.read("trace"), as: UTF8.self)).calls.contains(where: \.isInjected))
    }

    /// How much is free is asked by the threads that answer. If that cannot be measured, the write itself will fail.
    @Test func freeSpaceThatCannotBeMeasured() throws {
        let folder = try TemporaryDirectory(inMemory: true)
        let tracing = Strace.options(
            output: folder("trace"), tracing: "fstatfs", injections: ["fstatfs:error=EIO"])
        let receiver = try RunningServer.receiver(
            spool: folder("spool"), ["--reserve", "1MiB"], tracing: ["strace"] + tracing)
        #expect(try receiver.post(ReceiverFaults.deliveries[0])?.status == 200)
        #expect(try receiver.get("/ready")?.status == 200)
        #expect(try receiver.stop().status == 0)
        #expect(Trace(String(decoding: try folder.read("trace"), as: UTF8.self)).calls.contains(where: \.isInjected))
    }
}

/// Tries points of a receiver.
enum ReceiverFaults {
    struct Attempt: Sendable {
        let trace: Trace
        let root: String
        var failures: [String] = []
    }

    static let deliveries = [
        Delivery(#"{"event":"X","data":{"business_id":"acme","n":1}}"#),
        Delivery(#"{"event":"X","data":{"business_id":"acme","n":2}}"#, headers: ["Webhook-Id": "two"]),
        Delivery("no JSON at all", to: "sandbox", headers: ["Webhook-Id": "three"]),
        Delivery(#"{"event":"X","data":{"n":4}}"#, to: "sandbox"),
        Delivery(#"{"event":"X","data":{"text":"\#(String(repeating: "0123456789", count: 20_000))"}}"#),
    ]

    static let options = ["--id-header", "webhook-id"]

    /// - Parameter writers: how many threads write, and how many senders send; strace counts for each thread by itself.
    static func attempt(_ point: FaultPoint?, writers: Int = 1) throws -> Attempt {
        let folder = try TemporaryDirectory(inMemory: true)
        let options = options + ["--writers", "\(writers)"]
        var receiver = try RunningServer.receiver(spool: folder("spool"), options)
        guard receiver.port != 0 else { throw SceneError(what: receiver.errors) }
        let strace = try Strace.attach(
            to: try receiver.writers(), output: folder("trace"), injections: [point?.injection].compactMap(\.self))

        var failures: [String] = []
        var sent = Sent()
        let deliveries = writers == 1 ? deliveries : deliveries + deliveries.map(\.another)
        var (refused, isRed) = (deliveries, false)
        for (request, answer) in send(deliveries, to: receiver.port, senders: writers) {
            if case .delivery(let number) = request { sent.add(deliveries[number], answer) }
            switch (answer, request) {
            case (nil, _): if point?.fault != .kill { failures.append("not answered") }
            case (let answer?, .delivery(let number)) where answer.status == 200:
                refused.removeAll { $0.body == deliveries[number].body }
            case (let answer?, .probe) where answer.status == 200: break
            case (let answer?, _):
                if request == .probe { isRed = true }
                if answer.status != 503 || answer.headers["retry-after"] == nil {
                    failures.append("answered \(answer.status) with \(answer.headers)")
                }
            }
        }
        // From here on nothing is struck any more: one of several threads may not have come to that use yet.
        strace.send(SIGINT)
        _ = try strace.end()
        if point?.fault == .kill {
            let status = try receiver.stop().status
            if status != 137, !refused.isEmpty { failures.append("was killed, and ended with \(status)") }
            receiver = try RunningServer.receiver(spool: folder("spool"), options)
        } else if refused.count + (isRed ? 1 : 0) > (point?.call == "fsync" ? writers * writers : writers) {
            failures.append("refused \(refused.count) deliveries\(isRed ? ", and was not ready" : "")")
        }
        for delivery in refused {
            let answer = try receiver.post(delivery)
            sent.add(delivery, answer)
            if answer?.status != 200 { failures.append("sent again, it was answered \(answer?.status ?? 0)") }
        }
        // What a probe found is good for a second.
        try waitUntil { try receiver.get("/ready")?.status == 200 }
        let status = try receiver.stop().status
        if status != 0 { failures.append("ended with \(status): \(receiver.errors)") }

        failures += try sent.check(spool: folder("spool"))
        if point?.fault != .kill {
            let unfinished = try folder.files(below: "spool").filter { $0.contains("/tmp/") }
            if !unfinished.isEmpty { failures.append("left \(unfinished)") }
        }
        failures += try sent.sweepAndCheck(folder)
        let trace = Trace(String(decoding: try folder.read("trace"), as: UTF8.self))
        return Attempt(trace: trace, root: folder("spool"), failures: failures)
    }

    private enum Request: Equatable {
        case delivery(Int)
        case probe
    }

    /// Sends each delivery, and a probe. A sender that gets no answer sends no more.
    private static func send(
        _ deliveries: [Delivery], to port: Int, senders: Int
    ) -> [(request: Request, answer: HTTPReply?)] {
        var requests = deliveries.indices.map(Request.delivery)
        requests.insert(.probe, at: 2)
        let answers = Mutex<[(request: Request, answer: HTTPReply?)]>([])
        DispatchQueue.concurrentPerform(iterations: senders) { [requests] sender in
            for place in stride(from: sender, to: requests.count, by: senders) {
                let answer: HTTPReply?
                switch requests[place] {
                case .delivery(let number): answer = try? deliveries[number].send(to: port)
                case .probe: answer = try? HTTPConnection.send("GET", "/ready", to: port)
                }
                answers.withLock { $0.append((requests[place], answer)) }
                if answer == nil { break }
            }
        }
        return answers.withLock { $0 }
    }

    static func attemptStart(_ point: FaultPoint?) throws -> Attempt {
        let folder = try TemporaryDirectory(inMemory: true)
        // Only what is about these is traced, and counted by strace: other threads open other files meanwhile.
        let parts = ["sandbox", "production"].flatMap { part in ["", "/tmp", "/new", "/quarantine"].map { part + $0 } }
        let paths = ["", "/spool"] + parts.map { "/spool/\($0)" }
        let tracing =
            Strace.options(
                output: folder("trace"), tracing: Strace.ofFiles,
                injections: [point?.injection].compactMap(\.self)) + paths.flatMap { ["-P", folder.path + $0] }
        var failures: [String] = []
        var receiver = try RunningServer.receiver(spool: folder("spool"), options, tracing: ["strace"] + tracing)
        // It may listen all the same, where the fault was of no account: and SIGTERM may come before it is waited for.
        let listened = receiver.port != 0
        // Undisturbed, it is killed: what it does as it stops is no matter of this.
        let status = try receiver.stop(by: point == nil ? SIGKILL : SIGTERM).status
        switch status {
        case 0 where listened, 128 + SIGTERM where listened: break
        case 137 where point == nil && listened || point?.fault == .kill: break
        case 73 where point != nil, 74 where point != nil:
            if !receiver.errors.contains("daybook-receiver: ") { failures.append("said nothing") }
        default: failures.append("ended with \(status): \(receiver.errors)")
        }

        receiver = try RunningServer.receiver(spool: folder("spool"), options)
        var sent = Sent()
        for delivery in deliveries { sent.add(delivery, try receiver.post(delivery)) }
        if sent.acknowledged.count != deliveries.count {
            failures.append("started again, it refused: \(receiver.errors)")
        }
        try receiver.stop()
        failures += try sent.check(spool: folder("spool"))
        let trace = Trace(String(decoding: try folder.read("trace"), as: UTF8.self))
        return Attempt(trace: trace, root: folder.path, failures: failures)
    }
}

/// What was sent, and what has to be of it.
struct Sent: Sendable {
    private(set) var acknowledged: [(id: String, delivery: Delivery)] = []
    private var counts: [[UInt8]: Int] = [:]

    mutating func add(_ delivery: Delivery, _ answer: HTTPReply?) {
        counts[delivery.body, default: 0] += 1
        if let id = answer?.deliveryID { acknowledged.append((id, delivery)) }
    }

    /// What does not hold of a spool that was not swept: a sentence each.
    func check(spool: String) throws -> [String] {
        func read(_ path: String) -> [UInt8]? {
            FileManager.default.contents(atPath: "\(spool)/\(path)").map { Array($0) }
        }
        var failures: [String] = []
        for (id, delivery) in acknowledged {
            let entry = "\(delivery.environment)/new/\(id)"
            if read("\(entry).json") != delivery.body {
                failures.append("\(entry).json was acknowledged, and is not there")
            }
            guard let (name, value) = delivery.headers.first else { continue }
            if read("\(entry).headers.json") != Array(#"{"\#(name.lowercased())":"\#(value)"}"#.utf8) {
                failures.append("\(entry) was acknowledged, and its headers are not there")
            }
        }
        var rest = counts
        for environment in ["production", "sandbox"] {
            for name in try FileManager.default.contentsOfDirectory(atPath: "\(spool)/\(environment)/new")
            where !name.hasSuffix(".headers.json") {
                let body = read("\(environment)/new/\(name)") ?? []
                rest[body, default: 0] -= 1
                if rest[body]! < 0 { failures.append("\(name) is one too many") }
            }
        }
        return failures
    }

    /// Sweeps, and returns a sentence for each promise that is broken.
    func sweepAndCheck(_ folder: TemporaryDirectory) throws -> [String] {
        var failures: [String] = []
        let sweep = try run(daybook, ["sweep", "--spool", folder("spool"), "--archive", folder("archive")])
        if sweep.status != 0 { failures.append("the sweep ended with \(sweep.status): \(sweep.errors)") }
        let verify = try run(daybook, ["verify", "--archive", folder("archive")])
        if verify.status != 0 { failures.append("verify ended with \(verify.status): \(verify.text)\(verify.errors)") }
        return failures + (try kept(folder))
    }

    /// What was acknowledged and is not kept once: a sentence each.
    func kept(_ folder: TemporaryDirectory) throws -> [String] {
        let kept = try KeptDeliveries(folder)
        return acknowledged.compactMap { id, delivery in
            let count = kept.count(id, delivery)
            return count == 1 ? nil : "\(id) was acknowledged, and is kept \(count) times"
        }
    }
}

/// What an archive's files say of deliveries, as any program can read them; and what is in quarantine.
struct KeptDeliveries {
    private let lines: [Substring]
    private let quarantined: [String: [UInt8]]

    init(_ folder: TemporaryDirectory) throws {
        let text = try run(
            "sh", ["-c", "find \(folder("archive")) -path '*/environment=*' -name '*.ndjson.gz' -exec gzip -dc {} +"]
        ).text
        lines = text.split(separator: "\n")
        quarantined = try Tree(folder, "spool") { !$0.contains("/quarantine/") }.files
    }

    /// How often a delivery is in archives and ledgers, with its hash. What is quarantined is in the spool, too.
    func count(_ id: String, _ delivery: Delivery) -> Int {
        let hash = ContentHash(of: delivery.body)
        let found = lines.filter { $0.contains(#""id":"\#(id)""#) && $0.contains(#""sha256":"\#(hash)""#) }
        if found.contains(where: { $0.hasPrefix(#"{"kind":"quarantine""#) }) {
            guard quarantined["\(delivery.environment)/quarantine/\(id).json"] == delivery.body else { return 0 }
        }
        return found.count
    }
}
