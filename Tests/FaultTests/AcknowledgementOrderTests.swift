import Foundation
import Synchronization
import TestSupport
import Testing

/// The promise of a 200, read off the system calls of the real receiver; and the checker's own tests, since one that
/// cannot fail proves nothing.
@Suite struct AcknowledgementOrderTests {
    @Test(.enabled(if: Strace.isUsable, Comment(rawValue: Strace.whyNot)))
    func theReceiverKeepsTheWriteOrder() throws {
        let record = try record()
        let order = record.order
        #expect(order.violations == [])
        #expect(Set(order.acknowledged) == Set(record.answers.compactMap(\.deliveryID)))
        #expect(order.acknowledged.count == 48)
        let syncs = record.trace.calls.count { $0.name == "fsync" || $0.name == "syncfs" }
        print("order of the acknowledgement: \(order.acknowledged.count) answers, \(syncs) syncs")
        try theCheckerFindsChanges(of: record)
    }

    /// The same trace with a call that is missing, or an answer that leaves earlier.
    private func theCheckerFindsChanges(of record: Record) throws {
        let calls = record.trace.calls
        func isSync(_ call: SystemCall) -> Bool { ["fsync", "fdatasync", "syncfs", "sync"].contains(call.name) }
        let unsynced = record.order(of: calls.filter { !isSync($0) }).violations
        #expect(unsynced.count { $0.hasSuffix("its contents were not synced") } == 48)
        // The spool, and four folders of each environment.
        #expect(unsynced.count { $0.hasSuffix("its name was not synced") } == 9)

        let answers = calls.filter { call in call.arguments.contains { $0.contains("HTTP/1.1 200 OK") } }
        let others = calls.filter { call in !answers.contains { $0.began == call.began } }
        for answer in answers {
            for id in record.order(of: [answer]).acknowledged {
                let renamed = try #require(
                    calls.first { $0.name.hasPrefix("rename") && $0.path?.hasSuffix("/new/\(id).json") ?? false })
                func violations(leavingAt moment: Int) -> [String] {
                    record.order(of: others + [answer.moved(to: moment)]).violations
                }
                #expect(violations(leavingAt: answer.began) == [])
                #expect(violations(leavingAt: renamed.began) == ["\(id).json: it was not in new/"])
                #expect(violations(leavingAt: renamed.ended + 1) == ["\(id).json: its name was not synced"])
                // With none of the syncs after the rename, and with none of those before it.
                let late = others.filter { !isSync($0) || $0.began < renamed.ended }
                #expect(record.order(of: late + [answer]).violations == ["\(id).json: its name was not synced"])
                let early = others.filter { !isSync($0) || $0.ended > renamed.began }
                #expect(record.order(of: early + [answer]).violations.contains { $0.hasPrefix("\(id).json: it") })
            }
        }
    }

    /// A receiver to whom the kernel says that all was synced, and does nothing, answers 200: and is found out.
    @Test(.enabled(if: Strace.isUsable, Comment(rawValue: Strace.whyNot)))
    func aReceiverThatDoesNotSyncIsDetected() throws {
        let order = try record(injections: ["fsync,fdatasync,syncfs,sync:retval=0"]).order
        #expect(order.acknowledged.count == 48)
        #expect(order.violations.count { $0.hasSuffix("its contents were not synced") } == 48)
    }

    /// What a receiver did, and how it answered.
    private struct Record {
        let trace: Trace
        let spool: String
        let answers: [HTTPReply]

        var order: AcknowledgementOrder { order(of: trace.calls) }

        func order(of calls: [SystemCall]) -> AcknowledgementOrder { AcknowledgementOrder(Trace(calls), spool: spool) }
    }

    /// A receiver with several writers, which has several senders at a time.
    private func record(injections: [String] = []) throws -> Record {
        let folder = try TemporaryDirectory()
        let options = Strace.options(
            output: folder("trace"),
            tracing: """
                openat,mkdir,mkdirat,write,pwrite64,writev,pwritev,sendto,sendmsg,fsync,fdatasync,syncfs,sync,rename,\
                renameat,renameat2,link,linkat
                """,
            injections: injections, data: 1000)
        let receiver = try RunningServer.receiver(
            spool: folder("spool"), ["--writers", "6", "--id-header", "webhook-id"], tracing: ["strace"] + options)
        let port = receiver.port
        let answers = Mutex<[HTTPReply]>([])
        DispatchQueue.concurrentPerform(iterations: 6) { sender in
            for number in 0..<8 {
                let headers = number.isMultiple(of: 4) ? ["webhook-id": "\(sender)-\(number)"] : [:]
                let delivery = Delivery(#"{"event":"X","data":{"n":[\#(sender),\#(number)]}}"#, headers: headers)
                if let answer = try? delivery.send(to: port) { answers.withLock { $0.append(answer) } }
            }
        }
        #expect(try receiver.stop().status == 0)
        let trace = Trace(String(decoding: try folder.read("trace"), as: UTF8.self))
        return Record(trace: trace, spool: folder("spool"), answers: answers.withLock { $0 })
    }

    // MARK: Traces made by hand

    private static let id = "019ab2c0-0000-7000-8000-000000000001"

    /// One delivery with a sidecar, as it should be.
    private static let good = """
        7 openat(3</s/production/tmp>, "\(id).json", O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC, 0640) = 9</s/production/tmp/\(id).json>
        7 write(9</s/production/tmp/\(id).json>, "{\\"event\\":\\"X\\"}", 13) = 13
        7 openat(3</s/production/tmp>, "\(id).headers.json", O_WRONLY|O_CREAT|O_EXCL, 0640) = 10</s/production/tmp/\(id).headers.json>
        7 write(10</s/production/tmp/\(id).headers.json>, "{}", 2) = 2
        7 fsync(10</s/production/tmp/\(id).headers.json>) = 0
        7 renameat(3</s/production/tmp>, "\(id).headers.json", 4</s/production/new>, "\(id).headers.json") = 0
        7 fsync(4</s/production/new>) = 0
        7 fsync(9</s/production/tmp/\(id).json>) = 0
        7 renameat(3</s/production/tmp>, "\(id).json", 4</s/production/new>, "\(id).json") = 0
        7 fsync(4</s/production/new>) = 0
        8 writev(11<socket:[1]>, [{iov_base="HTTP/1.1 200 OK\\r\\n\\r\\n", iov_len=19}, {iov_base="{\\"id\\":\\"\(id)\\"}\\n", iov_len=46}], 2) = 65
        """.split(separator: "\n")

    private func violations(_ lines: [Substring]) -> [String] {
        let order = AcknowledgementOrder(Trace(lines.joined(separator: "\n")), spool: "/s")
        #expect(order.acknowledged == [Self.id])
        return order.violations
    }

    @Test func theCorrectOrderPasses() { #expect(violations(Self.good) == []) }

    @Test func anAnswerMustBeTheLast() {
        for place in 0..<(Self.good.count - 1) {
            var lines = Self.good
            lines.insert(lines.removeLast(), at: place)
            #expect(violations(lines) != [], "at \(place)")
        }
    }

    @Test(arguments: [
        (1, "nothing was written"), (3, "nothing was written"), (4, "its contents were not synced"),
        (5, "it was not in new/"), (6, "its name was not synced"), (7, "its contents were not synced"),
        (8, "it was not in new/"), (9, "its name was not synced"),
    ])
    func noStepMayBeMissing(_ step: Int, _ sentence: String) {
        var lines = Self.good
        lines.remove(at: step)
        #expect(violations(lines).contains { $0.hasSuffix(sentence) })
        // Nor fail, nor only seem to be done.
        for result in ["= -1 EIO (Input/output error)", "= 0 (INJECTED)"] {
            var lines = Self.good
            lines[step].replace(/= [0-9]+$/, with: result)
            #expect(violations(lines).contains { $0.hasSuffix(sentence) })
        }
    }

    @Test(arguments: [
        (7, 8, "it was in new/ before its contents were synced"), (1, 7, "its contents were not synced"),
        (8, 9, "its name was not synced"), (5, 6, "its name was not synced"),
    ])
    func noTwoMayChangePlaces(_ one: Int, _ other: Int, _ sentence: String) {
        var lines = Self.good
        lines.swapAt(one, other)
        #expect(violations(lines).contains { $0.hasSuffix(sentence) })
    }

    /// What overlaps in time is in no order: here the fsync of the folder had not returned.
    @Test func anUnfinishedCallDoesNotCount() {
        var lines = Self.good
        let answer = lines.removeLast()
        lines[9] = "7 fsync(4</s/production/new> <unfinished ...>"
        #expect(
            violations(lines + [answer, "7 <... fsync resumed>) = 0"]).contains {
                $0.hasSuffix("its name was not synced")
            })
        #expect(violations(lines + ["7 <... fsync resumed>) = 0", answer]) == [])
    }

    @Test func anAnswerWithoutAnIdDoesNotCount() {
        let trace = Trace(#"8 write(11<socket:[1]>, "HTTP/1.1 200 OK\r\n\r\n", 19) = 19"#)
        #expect(
            AcknowledgementOrder(trace, spool: "/s").violations == ["a 200 leaves without the id of its delivery"])
    }

    @Test func aFolderIsSyncedIntoItsParent() {
        let made: Substring = "6 mkdirat(3</s/production>, \"new\", 0750) = 0"
        #expect(violations([made] + Self.good) == ["/s/production/new: its name was not synced"])
        #expect(violations([made, "6 fsync(3</s/production>) = 0"] + Self.good) == [])
        #expect(
            violations(["6 fsync(3</s/production>) = 0", made] + Self.good)
                == ["/s/production/new: its name was not synced"])
    }

    // MARK: Commits of a group, made by hand

    /// Two deliveries that two threads write, and a third syncs.
    ///
    /// - Parameter steps: `w` writes the file, `r` renames it, `a` answers, of delivery 1 or 2. Between `(` and `)` a sync
    ///   is under way: of a file's contents (`f`), of the folder (`n`), of all (`s`) or of another filesystem (`o`).
    private func groupViolations(_ steps: String) -> [String] {
        func file(_ number: Substring) -> String { "\(Self.id.dropLast())\(number).json" }
        var lines: [String] = []
        for step in steps.split(separator: " ") {
            let number = step.dropFirst()
            let tmp = "9</s/production/tmp/\(file(number))>"
            switch step.first {
            case "w": lines.append("\(number) write(\(tmp), \"{}\", 2) = 2")
            case "r":
                lines.append(
                    """
                    \(number) renameat(3</s/production/tmp>, "\(file(number))", 4</s/production/new>, "\(file(number))") = 0
                    """)
            case "a":
                lines.append(
                    """
                    7 writev(11<socket:[1]>, [{iov_base="HTTP/1.1 200 OK\\r\\n\\r\\n", iov_len=19}, \
                    {iov_base="{\\"id\\":\\"\(file(number).dropLast(5))\\"}\\n", iov_len=46}], 2) = 65
                    """)
            case "(", ")":
                let (kind, what) = (number.prefix(1), number.dropFirst())
                let call =
                    switch kind {
                    case "f": "fsync(9</s/production/tmp/\(file(what))>"
                    case "n": "fsync(4</s/production/new>"
                    case "s": "syncfs(5</s>"
                    default: "syncfs(6</elsewhere>"
                    }
                lines.append(
                    step.first == "("
                        ? "8 \(call) <unfinished ...>" : "8 <... \(call.prefix { $0 != "(" }) resumed>) = 0")
            default: Issue.record("\(step) is no step")
            }
        }
        return AcknowledgementOrder(Trace(lines.joined(separator: "\n")), spool: "/s").violations.map {
            $0.replacing(Self.id.dropLast(), with: "")
        }
    }

    @Test(arguments: [
        ("w1 w2 (s )s r1 r2 (s )s a1 a2", []),
        ("w1 w2 (s )s r1 r2 (n )n a2 a1", []),
        ("w1 w2 (f1 )f1 (f2 )f2 r1 r2 (s )s a1 a2", []),
        // What was written, or renamed, while a sync was under way, it may have missed.
        ("w1 (s w2 )s r1 (s )s a1 r2 a2 (s )s", ["2.json: its name was not synced"]),
        ("w1 (s w2 )s r1 r2 (n )n a1 a2", ["2.json: its contents were not synced"]),
        ("w1 w2 (s )s r1 r2 (s a1 )s a2", ["1.json: its name was not synced"]),
        ("w1 w2 (s )s r1 (n r2 )n a1 a2", ["2.json: its name was not synced"]),
        ("w1 w2 (s r1 )s r2 (n )n a1 a2", ["1.json: it was in new/ before its contents were synced"]),
        ("w1 w2 (s )s w2 r1 r2 (s )s a1 a2", ["2.json: it was in new/ before its contents were synced"]),
        (
            "w1 w2 r1 r2 (s )s a1 a2",
            [
                "1.json: it was in new/ before its contents were synced",
                "2.json: it was in new/ before its contents were synced",
            ]
        ),
        // A file's own sync is no other's, and another filesystem's nobody's.
        ("w1 w2 (f1 )f1 r1 r2 (n )n a1 a2", ["2.json: its contents were not synced"]),
        (
            "w1 w2 (o )o r1 r2 (n )n a1 a2",
            ["1.json: its contents were not synced", "2.json: its contents were not synced"]
        ),
        (
            "w1 w2 (s )s r1 r2 (o )o a1 a2",
            ["1.json: its name was not synced", "2.json: its name was not synced"]
        ),
    ])
    func oneSyncMayServeMany(_ steps: String, _ expected: [String]) {
        #expect(groupViolations(steps) == expected)
    }
}

extension SystemCall {
    /// The same at another place of the trace.
    fileprivate func moved(to place: Int) -> SystemCall {
        SystemCall(thread: thread, name: name, arguments: arguments, result: result, began: place, ended: place)
    }
}
