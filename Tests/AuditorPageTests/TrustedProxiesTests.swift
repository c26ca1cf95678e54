import AccessLog
import Configuring
import HTTPTypes
import Testing

@testable import AuditorPage

struct TrustedProxiesTests {
    private static let proxies = TrustedProxies(
        ["127.0.0.1", "10.0.0.0/8", "::1", "2001:db8::/32"].compactMap { AddressRange($0) })

    @Test(arguments: [
        // Of who is no proxy of ours, nothing is believed.
        ("192.0.2.7", ["198.51.100.4"], "192.0.2.7"), ("::ffff:192.0.2.7", ["127.0.0.1"], "192.0.2.7"),
        ("11.0.0.1", ["198.51.100.4"], "11.0.0.1"), ("2001:db9::1", ["198.51.100.4"], "2001:db9::1"),
        ("unknown", ["198.51.100.4"], "unknown"),
        // Of a proxy, what it added.
        ("127.0.0.1", [], "127.0.0.1"), ("127.0.0.1", ["198.51.100.4"], "198.51.100.4"),
        ("::ffff:127.0.0.1", ["198.51.100.4"], "198.51.100.4"), ("::1", ["2001:DB9:0::1"], "2001:db9::1"),
        ("10.255.0.1", ["::ffff:198.51.100.4"], "198.51.100.4"),
        // Not what came with the request, on one line or on several.
        ("127.0.0.1", ["6.6.6.6, 198.51.100.4"], "198.51.100.4"),
        ("127.0.0.1", ["6.6.6.6", "198.51.100.4"], "198.51.100.4"),
        ("127.0.0.1", ["127.0.0.1, 6.6.6.6,198.51.100.4"], "198.51.100.4"),
        // Through several proxies.
        ("127.0.0.1", ["198.51.100.4, 10.1.2.3"], "198.51.100.4"),
        ("127.0.0.1", ["6.6.6.6, 198.51.100.4, 2001:db8::7", "10.1.2.3"], "198.51.100.4"),
        ("127.0.0.1", ["10.1.2.4, 10.1.2.3"], "10.1.2.4"),
        // Ports, as some add them.
        ("127.0.0.1", ["198.51.100.4:4711"], "198.51.100.4"), ("127.0.0.1", ["[2001:db9::1]:80"], "2001:db9::1"),
        ("127.0.0.1", ["[2001:db9::1]"], "2001:db9::1"), ("127.0.0.1", ["\t198.51.100.4 "], "198.51.100.4"),
        // What is no address ends the way.
        ("127.0.0.1", ["198.51.100.4, unknown"], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.4, unknown, 10.1.2.3"], "10.1.2.3"),
        ("127.0.0.1", [""], "127.0.0.1"), ("127.0.0.1", ["198.51.100.4,"], "127.0.0.1"),
        ("127.0.0.1", ["1 98.51.100.4"], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100"], "127.0.0.1"), ("127.0.0.1", ["0198.51.100.4"], "127.0.0.1"),
        ("127.0.0.1", ["[198.51.100.4"], "127.0.0.1"), ("127.0.0.1", ["198.51.100.4\\0"], "127.0.0.1"),
    ])
    func theClientIsWhomTheLastTrustedProxySaw(peer: String, fields: [String], client: String) {
        var headers = HTTPFields()
        for field in fields {
            headers.append(HTTPField(name: HTTPField.Name("X-Forwarded-For")!, value: field))
        }
        #expect(Self.proxies.client(of: headers, peer: peer) == client)
    }

    @Test(arguments: [
        "127.0.0.1", "0.0.0.0/0", "10.0.0.0/8", "10.1.2.3/32", "::/0", "fd00::/8", "2001:db8::1/128",
    ])
    func aRangeIsRead(text: String) { #expect(AddressRange(text) != nil) }

    @Test(arguments: [
        "", "/", "localhost", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08", "10.0.0.0/",
        "10.0.0.0/8/8",
        "10.0.0", "::/129", "::ffff:10.0.0.0/104", "fd00::1/8", "127.0.0.1:80", "[::1]", " 127.0.0.1",
    ])
    func whatIsNoRangeIsNotGuessedAt(text: String) { #expect(AddressRange(text) == nil) }

    @Test func aRangeContainsOnlyItsAddressVersion() throws {
        let (four, six) = (try #require(IPAddress("198.51.100.4")), try #require(IPAddress("2001:db9::1")))
        let (allFour, allSix) = (try #require(AddressRange("0.0.0.0/0")), try #require(AddressRange("::/0")))
        #expect(allFour.contains(four) && !allFour.contains(six))
        #expect(allSix.contains(six) && !allSix.contains(four))
    }

    /// Behind a proxy, one who guesses holds up nobody but themselves, whatever they say of where they come from.
    @Test func failuresBehindAProxyBlockOnlyTheirClient() async throws {
        let bench = try PageBench(trusting: ["127.0.0.1"])
        let token = try bench.token("Ada")
        var statuses: [Int: Int] = [:]
        for number in 0..<100 {
            let answer = await bench.ask(
                "/", token: "daybook_\(number)", headers: ["X-Forwarded-For": "6.6.6.\(number), 198.51.100.4"],
                from: "127.0.0.1")
            statuses[answer.status, default: 0] += 1
        }
        #expect(statuses == [401: SignInThrottle.burst, 429: 100 - SignInThrottle.burst])
        let other = await bench.ask(
            "/", token: token, headers: ["X-Forwarded-For": "198.51.100.5"], from: "127.0.0.1")
        #expect(other.status == 200)
        let addresses = try bench.responder.auditors.log.entries().compactMap(\.address)
        #expect(Set(addresses) == ["198.51.100.4", "198.51.100.5"])
    }
}
