import Configuring
import Foundation
import TestSupport
import Testing
import Webhooks

@testable import Receiver

private let start = "POST /webhooks/sandbox HTTP/1.1\r\nHost: x\r\n"

@Suite("Answers") struct AnswerTests {
    @Test(arguments: Environment.allCases)
    func storedIsAnswered200(_ environment: Environment) async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            try client.send("POST /webhooks/\(environment)?x=/y HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
            let reply = try #require(try client.reply())
            #expect(reply.status == 200)
            #expect(reply.headers["connection"] == nil)
            #expect(reply.headers["content-type"] == "application/json")
            let id = try #require(try server.spool.names(environment, "new").first?.dropLast(5))
            #expect(reply.body == "{\"id\":\"\(id)\"}\n")
            #expect(DeliveryID(id)?.version == 7)
            #expect(try server.spool.payloads(environment) == ["abc"])
            #expect(try server.spool.all().count == 1, "one raw file a delivery, and no sidecar")
        }
    }

    /// Whatever the payload is, it is no business of the receiver's.
    @Test func anyBytesAreStoredAsTheyCame() async throws {
        try await TestServer.run { server in
            var bytes: [UInt8] = []
            for _ in 0..<100_000 { bytes.append(.random(in: .min ... .max)) }
            let client = try server.connect()
            try client.send("\(start)Content-Encoding: gzip\r\nContent-Length: \(bytes.count)\r\n\r\n")
            try client.send(bytes)
            #expect(try client.reply()?.status == 200)
            try client.send("\(start)Transfer-Encoding: Chunked \r\n\r\n")
            for part in [bytes[..<1], bytes[1..<70_000], bytes[70_000...]] {
                try client.send("\(String(part.count, radix: 16));ext=1\r\n")
                try client.send(Array(part) + Array("\r\n".utf8))
            }
            try client.send("0\r\nTrailer: x\r\n\r\n")
            #expect(try client.reply()?.status == 200)
            try client.send("\(start)\r\n")
            #expect(try client.reply()?.status == 200, "an empty one too")
            let folder = "\(server.spool.path)/sandbox/new"
            let stored = try server.spool.names(.sandbox, "new").map {
                try Data(contentsOf: URL(filePath: "\(folder)/\($0)"))
            }
            #expect(stored.map { Array($0) } == [bytes, bytes, []])
        }
    }

    @Test(arguments: [
        ("GET /webhooks/sandbox", 405), ("HEAD /webhooks/sandbox", 405), ("PUT /webhooks/production", 405),
        ("DELETE /webhooks/production", 405), ("POST /health", 405), ("POST /metrics", 405),
        ("POST /webhooks/staging", 404), ("POST /webhooks/SANDBOX", 404), ("POST /webhooks", 404), ("POST /", 404),
        ("POST /webhooks/sandbox/secret", 404), ("POST /webhooks/sandbox/", 404), ("POST //webhooks/sandbox", 404),
        ("POST /webhooks/sandbox/a/b", 404), ("GET /webhooks/staging", 404), ("OPTIONS *", 404),
        ("POST /webhooks/%73andbox", 404), ("GET /health/", 404),
    ])
    func otherPathsAndMethods(_ line: String, _ status: Int) async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            try client.send("\(line) HTTP/1.1\r\nHost: x\r\n\r\n")
            let reply = try #require(try client.reply(toHead: line.hasPrefix("HEAD")))
            #expect(reply.status == status)
            #expect((reply.headers["allow"] != nil) == (status == 405))
            if status == 405 {
                #expect(reply.headers["allow"] == (line.contains("/webhooks") ? "POST" : "GET, HEAD"))
            }
            // The connection is as good as before.
            try client.send("\(start)Content-Length: 1\r\n\r\nx")
            #expect(try client.reply()?.status == 200)
            #expect(try server.spool.all().count == 1)
        }
    }

    @Test(arguments: ["http://h/webhooks/sandbox", "HTTP://h:1/webhooks/sandbox?q", "/webhooks/sandbox?a/b"])
    func otherFormsOfTarget(_ target: String) async throws {
        try await TestServer.run { server in
            let replies = try server.answers(to: "POST \(target) HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx")
            #expect(replies.map(\.status) == [200])
            #expect(try server.spool.payloads(.sandbox) == ["x"])
        }
    }

    // MARK: How much

    @Test func tooLongIsToldBeforeItIsSent() async throws {
        try await TestServer.with(\.maxBody, ByteSize(bytes: 10)).run { server in
            let client = try server.connect()
            try client.send("\(start)Content-Length: 11\r\nExpect: 100-continue\r\n\r\n")
            let reply = try #require(try client.reply())
            #expect(reply.status == 413)
            #expect(reply.headers["connection"] == "close")
            client.waitForEnd()
            #expect(try server.answers(to: "\(start)Content-Length: 10\r\n\r\n0123456789").map(\.status) == [200])
            #expect(try server.spool.payloads(.sandbox) == ["0123456789"])
            #expect(server.receiver.memory.bytes == 0)
        }
    }

    @Test func tooLongIsCountedWhileItStreams() async throws {
        try await TestServer.with(\.maxBody, ByteSize(bytes: 10)).run { server in
            let client = try server.connect()
            try client.send("\(start)Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n1\r\n")
            try client.send("x")
            #expect(try client.reply()?.status == 413, "and the rest is not waited for")
            client.waitForEnd()
            // A size that no memory could hold is no request to hold it.
            let huge = try server.connect()
            try huge.send("\(start)Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n01234567890")
            #expect(try huge.reply()?.status == 413)
            #expect(try server.spool.all() == [])
            try await eventually { server.receiver.memory.bytes == 0 }
        }
    }

    /// The client writes all it has before it reads, as many do; it must see the answer all the same.
    @Test func anEarlyAnswerIsNotLostToAReset() async throws {
        try await TestServer.with(\.maxBody, ByteSize(bytes: 10)).run { server in
            for _ in 0..<5 {
                let client = try server.connect()
                try client.send("\(start)Content-Length: 3000000\r\n\r\n" + String(repeating: "x", count: 3_000_000))
                #expect(try client.reply()?.status == 413)
                client.sendEnd()
                client.waitForEnd()
            }
            #expect(try server.spool.all() == [])
        }
    }

    @Test func memoryIsBoundedOverAllConnections() async throws {
        try await TestServer.with(\.maxBuffered, ByteSize(bytes: 1000)).run { server in
            let first = try server.connect()
            try first.send("\(start)Content-Length: 900\r\n\r\n" + String(repeating: "a", count: 899))
            try await eventually { server.receiver.memory.bytes == 899 }
            let second = try server.connect()
            try second.send("\(start)Content-Length: 900\r\n\r\n" + String(repeating: "b", count: 900))
            let reply = try #require(try second.reply())
            #expect(reply.status == 503)
            #expect(reply.headers["retry-after"] == "10")
            try first.send("a")
            #expect(try first.reply()?.status == 200)
            #expect(try server.spool.payloads(.sandbox) == [String(repeating: "a", count: 900)])
            #expect(server.receiver.memory.bytes == 0)
        }
    }

    @Test func memoryIsGivenBackByThoseWhoLeave() async throws {
        try await TestServer.run { server in
            do {
                let client = try server.connect()
                try client.send("\(start)Content-Length: 900\r\n\r\nabc")
                try await eventually { server.receiver.memory.bytes == 3 }
            }
            try await eventually { server.receiver.memory.bytes == 0 && server.receiver.connections.busy == 0 }
            #expect(try server.spool.all() == [])
        }
    }

    // MARK: Expect: 100-continue

    @Test func continueIsSaidOnceItIsWanted() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            try client.send("\(start)Content-Length: 3\r\nExpect: 100-Continue\r\n\r\n")
            #expect(try client.reply() == HTTPReply(status: 100, headers: [:], body: ""))
            try client.send("abc")
            #expect(try client.reply()?.status == 200)
            #expect(try server.spool.payloads(.sandbox) == ["abc"])
        }
    }

    // MARK: Connections

    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        try await TestServer.run { server in
            var bytes = ""
            for number in 0..<40 {
                bytes += "\(start)Content-Length: 2\r\n\r\n\(number + 10)"
                bytes += "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n"
            }
            let replies = try server.answers(to: bytes)
            #expect(replies.map(\.status) == Array(repeating: [200, 404, 200], count: 40).flatMap { $0 })
            #expect(try server.spool.payloads(.sandbox) == (10..<50).map { "\($0)" })
        }
    }

    /// More than is held for one that does not wait for its turn: what is not answered was not stored.
    @Test func aFloodOfPipelinedRequestsIsCutNotKept() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            let body = String(repeating: "x", count: 1000)
            try client.send(String(repeating: "\(start)Content-Length: 1000\r\n\r\n\(body)", count: 300))
            client.sendEnd()
            var answered = 0
            while let reply = try? client.reply() {
                #expect(reply.status == 200)
                answered += 1
            }
            #expect(try server.spool.payloads(.sandbox).count == answered)
        }
    }

    @Test func closeIsDoneAsItIsAsked() async throws {
        try await TestServer.run { server in
            for header in ["Connection: close", "Connection: keep-alive, close"] {
                let client = try server.connect()
                try client.send("\(start)\(header)\r\nContent-Length: 1\r\n\r\nx\(start)Content-Length: 1\r\n\r\ny")
                let replies = try client.repliesToEnd()
                #expect(replies.map(\.status) == [200])
                #expect(replies.first?.headers["connection"] == "close")
            }
            #expect(try server.spool.payloads(.sandbox) == ["x", "x"])
        }
    }

    @Test func oldHTTP() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            try client.send("POST /webhooks/sandbox HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx")
            #expect(try client.reply()?.headers["connection"] == "keep-alive")
            try client.send("POST /webhooks/sandbox HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\ny")
            #expect(try client.repliesToEnd().map { $0.headers["connection"] } == ["close"])
            #expect(try server.spool.payloads(.sandbox) == ["x", "y"])
        }
    }

    @Test func anUpgradeIsNotTakenUp() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            try client.send("\(start)Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 3\r\n\r\nabc")
            #expect(try client.repliesToEnd().map(\.status) == [200])
            #expect(try server.spool.payloads(.sandbox) == ["abc"])
        }
    }

    @Test func aClientThatOnlyEndsItsSendingIsAnswered() async throws {
        try await TestServer.run { server in
            for (bytes, statuses) in [
                ("\(start)Content-Length: 1\r\n\r\nx", [200]), ("\(start)Content-Length: 9\r\n\r\nx", [400]), ("", []),
            ] {
                let replies = try server.answers(to: bytes)
                #expect(replies.map(\.status) == statuses)
            }
            #expect(server.log.all.contains { $0.hasPrefix("info: 400 cut-short sandbox from 127.0.0.1") })
            #expect(try server.spool.payloads(.sandbox) == ["x"])
        }
    }

    @Test func oneConnectionTooManyIsTold() async throws {
        try await TestServer.with(\.maxConnections, 2).run { server in
            do {
                let two = [try server.connect(), try server.connect()]
                for client in two {
                    try client.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
                    #expect(try client.reply()?.status == 200)
                }
                let third = try server.connect()
                let reply = try #require(try third.reply())
                #expect(reply.status == 503)
                #expect(reply.headers["retry-after"] != nil)
                #expect(try third.reply() == nil)
            }
            try await eventually { server.receiver.connections.count == 0 }
            #expect(try server.answers(to: "\(start)Content-Length: 1\r\n\r\nx").map(\.status) == [200])
            #expect(try server.spool.payloads(.sandbox) == ["x"])
        }
    }

    // MARK: How long

    @Test(arguments: [("POST /webh", 408), ("\(start)Content-Length: 3\r\n", 408), ("", nil)] as [(String, Int?)])
    func slowHeaders(_ bytes: String, _ status: Int?) async throws {
        try await TestServer.with(\.headerTimeout, TimeSpan(milliseconds: 200)).run { server in
            let client = try server.connect()
            try client.send(bytes)
            let replies = try client.repliesToEnd()
            #expect(replies.map(\.status) == (status.map { [$0] } ?? []))
            #expect(replies.allSatisfy { $0.headers["connection"] == "close" })
            #expect(try server.spool.all() == [])
        }
    }

    /// A byte now and then does not prolong it.
    @Test func drippedHeaders() async throws {
        try await TestServer.with(\.headerTimeout, TimeSpan(milliseconds: 300)).run { server in
            let client = try server.connect()
            for byte in "\(start)X-Long: \(String(repeating: "y", count: 100_000))" {
                do { try client.send(String(byte)) } catch { break }
                try await Task.sleep(for: .milliseconds(20))
                if server.receiver.connections.count == 0 { break }
            }
            #expect(server.log.all.contains { $0.hasPrefix("info: 408 too-slow from 127.0.0.1") })
            #expect(try server.spool.all() == [])
        }
    }

    @Test(arguments: ["Content-Length: 3\r\n\r\nab", "Transfer-Encoding: chunked\r\n\r\n3\r\nab"])
    func slowBody(_ rest: String) async throws {
        try await TestServer.with(\.bodyTimeout, TimeSpan(milliseconds: 200)).run { server in
            let client = try server.connect()
            try client.send(start + rest)
            #expect(try client.repliesToEnd().map(\.status) == [408])
            #expect(try server.spool.all() == [])
            try await eventually { server.receiver.memory.bytes == 0 }
        }
    }

    @Test func idleConnectionsAreClosedWithoutAWord() async throws {
        try await TestServer.with(\.idleTimeout, TimeSpan(milliseconds: 300)).run { server in
            let client = try server.connect()
            try client.send("\(start)Content-Length: 1\r\n\r\nx")
            #expect(try client.repliesToEnd().map(\.status) == [200])
            #expect(try server.spool.payloads(.sandbox) == ["x"])
        }
    }

    /// It asks and asks, and never reads: its answers must not pile up here.
    @Test func aClientThatNeverReadsIsGivenUp() async throws {
        try await TestServer.with(\.idleTimeout, TimeSpan(milliseconds: 500)).run { server in
            let client = try server.connect()
            let request = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
            while (try? client.send(String(repeating: request, count: 100))) != nil {}
            try await eventually { server.receiver.connections.count == 0 }
            #expect(try server.spool.all() == [])
        }
    }
}
