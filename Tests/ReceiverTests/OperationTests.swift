import Configuring
import Dispatch
import Foundation
import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing
import Webhooks

@testable import Receiver

private let start = "POST /webhooks/sandbox HTTP/1.1\r\nHost: x\r\n"
private func delivery(_ body: String) -> String { "\(start)Content-Length: \(body.utf8.count)\r\n\r\n\(body)" }
private func get(_ path: String) -> String { "GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n" }

/// Keeps a receiver's only writer busy until it is let go, at the latest when a test fails and drops it.
private final class BusyWriter: Sendable {
    private let gate = DispatchSemaphore(value: 0)

    init(_ server: TestServer) async throws {
        let began = Atomic(false)
        let (gate, eventLoop) = (gate, MultiThreadedEventLoopGroup.singleton.any())
        _ = server.receiver.writers.run(on: eventLoop) {
            began.store(true, ordering: .relaxed)
            gate.wait()
        }
        try await eventually { began.load(ordering: .relaxed) }
    }

    deinit { gate.signal() }

    func letGo() { gate.signal() }
}

@Suite("Operation") struct OperationTests {
    @Test func healthAndReadiness() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            for (path, body) in [("/health", "alive\n"), ("/ready", "ready\n"), ("/ready?again", "ready\n")] {
                try client.send(get(path))
                let reply = try #require(try client.reply())
                #expect(reply.status == 200 && reply.body == body)
                try client.send("HEAD \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
                let head = try #require(try client.reply(toHead: true))
                #expect(head.status == 200 && head.headers["content-length"] == reply.headers["content-length"])
            }
            #expect(try server.spool.all() == [], "the probe is gone")
            // One probe serves all who ask at a time; and all get its answer.
            let many = try (0..<20).map { _ in try server.connect() }
            for client in many { try client.send(get("/ready")) }
            for client in many { #expect(try client.reply()?.status == 200) }
        }
    }

    @Test func aDiskThatDoesNotTakeItIs503() async throws {
        try await TestServer.run { server in
            // The folder is there no more, though the receiver still holds it open.
            try FileManager.default.removeItem(atPath: "\(server.spool.path)/sandbox/tmp")
            let client = try server.connect()
            try client.send(delivery("abc"))
            let reply = try #require(try client.reply())
            #expect(reply.status == 503)
            #expect(reply.headers["retry-after"] == "10")
            #expect(reply.headers["connection"] == nil)
            try client.send(get("/ready"))
            #expect(try client.reply()?.status == 503)
            try client.send(get("/health"))
            #expect(try client.reply()?.status == 200)
            let line = "warning: 503 not-written sandbox from 127.0.0.1: cannot create "
            #expect(server.log.all.contains { $0.hasPrefix(line) })
            #expect(try server.spool.all() == [])
            try client.send("POST /webhooks/production HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx")
            #expect(try client.reply()?.status == 200)
            #expect(try server.spool.payloads(.production) == ["x"])
        }
    }

    @Test func theReserve() async throws {
        let free = Mutex(2_000_000)
        let setup = TestServer.Setup(free: { free.withLock { $0 } })
        try await setup.with(\.reserve, ByteSize(bytes: 1_000_000)).run { server in
            let client = try server.connect()
            try client.send(delivery("one"))
            #expect(try client.reply()?.status == 200)

            free.withLock { $0 = 1_000_000 }
            try await eventually {
                try client.send(get("/ready"))
                return try client.reply()?.status == 503
            }
            let refused = try server.connect()
            try refused.send("\(start)Content-Length: 3\r\nExpect: 100-continue\r\n\r\n")
            let reply = try #require(try refused.reply())
            #expect(reply.status == 503 && reply.headers["retry-after"] == "10")
            #expect(server.log.all.contains { $0.hasPrefix("warning: 503 space-low sandbox") })

            free.withLock { $0 = 2_000_000 }
            try await eventually {
                try client.send(get("/ready"))
                return try client.reply()?.status == 200
            }
            try client.send(delivery("two"))
            #expect(try client.reply()?.status == 200)
            #expect(try server.spool.payloads(.sandbox) == ["one", "two"])
        }
    }

    @Test func theQueueIsBounded() async throws {
        try await TestServer.with(\.writers, 1).with(\.queue, 1).run { server in
            let busy = try await BusyWriter(server)
            let first = try server.connect()
            try first.send(delivery("first"))
            try await eventually { server.receiver.writers.queued == 1 }
            let second = try server.connect()
            try second.send(delivery("second"))
            let reply = try #require(try second.reply())
            #expect(reply.status == 503 && reply.headers["retry-after"] == "10")
            busy.letGo()
            #expect(try first.reply()?.status == 200)
            try second.send(delivery("second"))
            #expect(try second.reply()?.status == 200, "and it may be sent again")
            #expect(try server.spool.payloads(.sandbox) == ["first", "second"])
        }
    }

    @Test func notReadyWhileTheQueueIsFull() async throws {
        try await TestServer.with(\.writers, 1).with(\.queue, 1).run { server in
            let client = try server.connect()
            func readiness() throws -> Int? {
                try client.send(get("/ready"))
                return try client.reply()?.status
            }
            #expect(try readiness() == 200)
            let busy = try await BusyWriter(server)
            let first = try server.connect()
            try first.send(delivery("first"))
            try await eventually { server.receiver.writers.queued == 1 }
            #expect(try readiness() == 503)
            busy.letGo()
            #expect(try first.reply()?.status == 200)
            #expect(try readiness() == 200)
        }
    }

    @Test func notReadyWhileTheMemoryIsFull() async throws {
        try await TestServer.with(\.maxBody, ByteSize(bytes: 100)).with(\.maxBuffered, ByteSize(bytes: 100)).run {
            server in
            let (client, slow) = (try server.connect(), try server.connect())
            try slow.send("\(start)Content-Length: 100\r\n\r\n")
            try client.send(get("/ready"))
            #expect(try client.reply()?.status == 200)
            // The last byte of 101 never comes, so 100 stay in memory.
            let other = try server.connect()
            try other.send("\(start)Transfer-Encoding: chunked\r\n\r\n64\r\n\(String(repeating: "a", count: 100))\r\n")
            try await eventually { server.receiver.memory.bytes == 100 }
            try client.send(get("/ready"))
            #expect(try client.reply()?.status == 503)
        }
    }

    @Test func metrics() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            try client.send(delivery("abc"))
            #expect(try client.reply()?.status == 200)
            try client.send(get("/metrics"))
            let reply = try #require(try client.reply())
            #expect(reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            for line in [
                #"daybook_receiver_deliveries_total{environment="sandbox",outcome="stored"} 1"#,
                #"daybook_receiver_deliveries_total{environment="production",outcome="stored"} 0"#,
                #"daybook_receiver_payload_bytes_total{environment="sandbox"} 3"#,
                #"daybook_receiver_refusals_total{reason="queue-full",status="503"} 0"#,
                "daybook_receiver_connections 1", "daybook_receiver_queued_deliveries 0",
                "daybook_receiver_buffered_bytes 0", #"daybook_receiver_store_seconds_bucket{le="+Inf"} 1"#,
                "daybook_receiver_store_seconds_count 1", "# TYPE daybook_receiver_store_seconds histogram",
            ] {
                #expect(reply.body.contains("\(line)\n"), "\(line)")
            }
            // The grammar of the format: each sample follows the help and type of its family, and none comes twice.
            var (family, seen) = ("", Set<Substring>())
            for line in reply.body.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
                let words = line.split(separator: " ")
                if line.hasPrefix("# HELP ") || line.hasPrefix("# TYPE ") {
                    if words[1] == "HELP" { family = String(words[2]) }
                    #expect(words[2] == family)
                } else {
                    #expect(line.hasPrefix(family))
                    #expect(words.count == 2 && Double(words[1]) != nil, "\(line)")
                    #expect(seen.insert(words[0]).inserted, "\(line)")
                }
            }
            #expect(try server.spool.payloads(.sandbox) == ["abc"])
        }
    }

    @Test func twoReceiversOnOneSpool() async throws {
        let folder = try TemporaryDirectory()
        try await TestServer.Setup(in: folder).run { one in
            try await TestServer.Setup(in: folder).run { other in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (number, server) in [one, other, one, other].enumerated() {
                        group.addTask {
                            let client = try server.connect()
                            for count in 0..<25 {
                                try client.send(delivery("\(number)-\(count)"))
                                #expect(try client.reply()?.status == 200)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            let expected = (0..<4).flatMap { number in (0..<25).map { "\(number)-\($0)" } }
            #expect(try one.spool.payloads(.sandbox).sorted() == expected.sorted())
            #expect(try one.spool.names(.sandbox, "tmp") == [])
        }
    }

    // MARK: The end

    @Test func stoppingFinishesWhatIsInFlight() async throws {
        try await TestServer.with(\.writers, 1).with(\.grace, .seconds(60)).run { server in
            let busy = try await BusyWriter(server)
            let (first, idle) = (try server.connect(), try server.connect())
            try idle.send(get("/health"))
            #expect(try idle.reply()?.status == 200)
            try first.send(delivery("first"))
            try await eventually { server.receiver.writers.queued == 1 }
            async let stopped: Void = server.server.stop()
            try await eventually { server.receiver.isStopping }

            try idle.send(delivery("late"))
            let reply = try #require(try idle.reply())
            #expect(reply.status == 503 && reply.headers["connection"] == "close")
            try await eventually { (try? server.connect()) == nil }

            busy.letGo()
            let last = try #require(try first.reply())
            #expect(last.status == 200 && last.headers["connection"] == "close")
            first.sendEnd()
            idle.sendEnd()
            await stopped
            #expect(try server.spool.payloads(.sandbox) == ["first"])
        }
    }

    @Test func stoppingDoesNotWaitLongerThanTheGrace() async throws {
        try await TestServer.with(\.grace, TimeSpan(milliseconds: 200)).run { server in
            let client = try server.connect()
            try client.send("\(start)Content-Length: 3\r\n\r\nab")
            try await eventually { server.receiver.memory.bytes == 2 }
            await server.server.stop()
            client.waitForEnd()
            #expect(try server.spool.all() == [])
        }
    }

    @Test func itStartsWithWhatIsThere() async throws {
        let folder = try TemporaryDirectory()
        for body in ["one", "two"] {
            try await TestServer.Setup(in: folder).run { server in
                let replies = try server.answers(to: delivery(body))
                #expect(replies.map(\.status) == [200])
            }
        }
        #expect(try SpoolContents(path: "\(folder.path)/spool").payloads(.sandbox) == ["one", "two"])
    }
}
