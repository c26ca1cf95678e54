import TestSupport
import Testing
import Webhooks

@testable import Receiver

private let start = "POST /webhooks/sandbox HTTP/1.1\r\nHost: x\r\n"
private let chunked = "\(start)Transfer-Encoding: chunked\r\n\r\n"

/// Requests that two programs could read in two ways (RFC 9112, section 11.2), and others that are none.
@Suite("Malformed requests") struct FramingTests {
    static let lengths = [
        "Content-Length: 3\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 3",
        "Content-Length: 3\r\nContent-Length: 3", "Content-Length: 3\r\nContent-Length: 4", "Content-Length: 3, 3",
        "Content-Length: +3", "Content-Length: -3", "Content-Length: 0x3", "Content-Length:", "Content-Length: 3 3",
        "Content-Length: 99999999999999999999", "Content-Length : 3", "Content-Length:\r\n 3",
    ].map { "\(start)\($0)\r\n\r\nabc" }

    static let codings = [
        "xchunked", "gzip, chunked", "chunked, identity", "identity", "gzip", "\u{B}chunked", "\r\n chunked",
        "chunked\r\nTransfer-Encoding: chunked", "chunked\r\nTransfer-Encoding: identity",
    ].map { "\(start)Transfer-Encoding: \($0)\r\n\r\n0\r\n\r\n" }

    static let chunks = [
        "3;a=\"\n\"\r\nabc", "3 \r\nabc", "0x3\r\nabc", "-3\r\nabc", "+3\r\nabc", "11111111111111111\r\nabc",
        "3\nabc", "3\r\nabcd", "\r\nabc", "g\r\nabc", "3\rabc",
    ].map { "\(chunked)\($0)\r\n0\r\n\r\n" }

    static let heads = [
        // Folded, and otherwise broken lines (sections 5.1 and 5.2).
        "\(start)X-A: a\r\n b\r\nContent-Length: 3\r\n\r\nabc", "POST /webhooks/sandbox HTTP/1.1\r\n Host: x\r\n\r\n",
        "\(start)X: a\rContent-Length: 3\r\n\r\nabc", "\(start)X: a\0b\r\n\r\n", "\(start): a\r\n\r\n",
        "\(start)X Y: a\r\n\r\n", "\(start)X\u{1}: a\r\n\r\n", "\(start)XY\r\n\r\n",
        "POST /webhooks/sandbox HTTP/1.1\nHost: x\nContent-Length: 3\n\nabc",
        // No host, two hosts, or an invalid one (section 3.2).
        "POST /webhooks/sandbox HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", "\(start)Host: y\r\n\r\n",
        "POST /webhooks/sandbox HTTP/1.1\r\nHost:\r\n\r\n", "POST /webhooks/sandbox HTTP/1.1\r\nHost: a b\r\n\r\n",
        "POST /webhooks/sandbox HTTP/1.1\r\nHost: x/y\r\n\r\n", "POST /webhooks/sandbox HTTP/1.1\r\nHost: x:y\r\n\r\n",
        "POST /webhooks/sandbox HTTP/1.0\r\nHost: user@x\r\n\r\n",
        // Versions and methods.
        "POST /webhooks/sandbox\r\n\r\n", "POST /webhooks/sandbox HTTP/2.0\r\nHost: x\r\n\r\n",
        "POST /webhooks/sandbox HTTP/1.2\r\nHost: x\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "POST /webhooks/sandbox HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /webhooks/sandbox x HTTP/1.1\r\nHost: x\r\n\r\n", "POST\t/webhooks/sandbox HTTP/1.1\r\nHost: x\r\n\r\n",
        "post /webhooks/sandbox HTTP/1.1\r\nHost: x\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{7}\r\n\r\n",
        // Beyond the limits.
        "\(start)X: \(String(repeating: "a", count: 20_000))\r\n\r\n",
        "POST /\(String(repeating: "a", count: 20_000)) HTTP/1.1\r\nHost: x\r\n\r\n",
        start + (0..<200).map { "X-\($0): a\r\n" }.joined() + "\r\n",
        start + (0..<100).map { "X-\($0): \(String(repeating: "a", count: 1000))\r\n" }.joined() + "\r\n",
    ]

    @Test(arguments: [lengths, codings, chunks, heads])
    func areRefusedAndTheConnectionEnds(_ requests: [String]) async throws {
        try await TestServer.run { server in
            for request in requests {
                let client = try server.connect()
                // What follows would be another request, if it were read as one.
                try client.send("\(request)\(start)Content-Length: 8\r\n\r\nsmuggled")
                let replies = try client.repliesToEnd()
                #expect(replies.map(\.status) == [400], "\(request.debugDescription.prefix(200))")
                #expect(replies.first?.headers["connection"] == "close")
            }
            #expect(try server.spool.all() == [])
        }
    }

    /// What came before is answered first, and stays stored.
    @Test func afterAGoodRequest() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            try client.send("\(start)Content-Length: 3\r\n\r\nabc\(Self.lengths[0])")
            #expect(try client.repliesToEnd().map(\.status) == [200, 400])
            #expect(try server.spool.payloads(.sandbox) == ["abc"])
        }
    }

    @Test(arguments: ["Content-Length: 3 \r\n", "Content-Length:3\r\n", "content-length:\t3\r\n"])
    func whiteSpaceAroundAValueIsAllowed(_ header: String) async throws {
        try await TestServer.run { server in
            let replies = try server.answers(to: "\r\n\(start)\(header)\r\nabc")
            #expect(replies.map(\.status) == [200])
            #expect(try server.spool.payloads(.sandbox) == ["abc"])
        }
    }

    /// Whatever is sent, in whatever pieces: the connection ends, and what was answered 200 is what was stored.
    @Test func anyBytesInAnyPieces() async throws {
        var random = SeededGenerator()
        try await TestServer.run { server in
            var stored = 0
            for _ in 0..<150 {
                var bytes: [UInt8] = []
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    var part = Array(Self.material.randomElement(using: &random)?.utf8 ?? "".utf8)
                    switch Int.random(in: 0..<8, using: &random) {
                    case 0: part.removeLast(Int.random(in: 0...part.count, using: &random))
                    case 1:
                        part[Int.random(in: 0..<part.count, using: &random)] = .random(
                            in: .min ... .max, using: &random)
                    default: break
                    }
                    bytes += part
                }
                let client = try server.connect()
                var rest = bytes[...]
                while !rest.isEmpty {
                    let piece = rest.prefix(Int.random(in: 1...rest.count, using: &random))
                    // A server that has ended the connection is heard all the same.
                    do { try client.send(Array(piece)) } catch { break }
                    rest = rest.dropFirst(piece.count)
                }
                client.sendEnd()
                stored += try client.repliesToEnd().count { $0.status == 200 && $0.body.hasPrefix("{\"id\"") }
            }
            #expect(try server.spool.payloads(.sandbox).count == stored)
            #expect(server.receiver.memory.bytes == 0)
        }
    }

    private static let material = [
        "\(start)Content-Length: 3\r\n\r\nabc", "\(start)Content-Length: 0\r\n\r\n", "\(chunked)3\r\nabc\r\n0\r\n\r\n",
        "\(chunked)3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX: y\r\n\r\n", "\(start)Content-Length: 2000000\r\n\r\nabc",
        "GET /health HTTP/1.1\r\nHost: x\r\n\r\n", "PUT /nothing HTTP/1.1\r\nHost: x\r\n\r\n",
        "\(start)Connection: close\r\nContent-Length: 1\r\n\r\nx", "POST /webhooks/sandbox HTTP/1.0\r\n\r\n", "\r\n",
        "\0",
    ]
}
