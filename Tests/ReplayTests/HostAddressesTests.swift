import Configuring
import Testing

@testable import Replay

struct HostAddressesTests {
    @Test(arguments: [
        "127.0.0.1", "127.255.255.255", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "0.0.0.0", "192.0.0.8", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1",
        "fec0::1", "fc00::1", "fd12:3456::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::7f00:1",
        "64:ff9b::a00:1", "2002:a00:1::1", "2001::1", "192.0.2.1", "203.0.113.9", "2001:db8::1", "::ffff:0:127.0.0.1",
    ])
    func notPublic(text: String) throws { #expect(!HostAddresses.isPublic(try #require(IPAddress(text)))) }

    @Test(arguments: [
        "8.8.8.8", "172.15.255.255", "172.32.0.1", "192.167.255.255", "100.63.255.255", "100.128.0.1",
        "223.255.255.255",
        "2606:4700::1111", "2a00::1", "::ffff:8.8.8.8",
    ])
    func isPublic(text: String) throws { #expect(HostAddresses.isPublic(try #require(IPAddress(text)))) }

    /// All spellings that resolvers take for this machine.
    @Test(arguments: ["localhost", "127.1", "0x7f000001", "2130706433", "017700000001", "::1", "0"])
    func spellingsOfLoopback(host: String) throws {
        let url = try TargetURL("http://\(host.contains(":") ? "[\(host)]" : host)/hook")
        #expect(throws: ReplayError.self) { try url.address(allowsPrivate: false) }
        #expect(throws: Never.self) { try url.address(allowsPrivate: true) }
    }

    @Test(arguments: [
        "ftp://example.com/", "example.com/hook", "http:///hook", "https://user:secret@example.com/",
        "https://example.com/#part", "http+unix://%2Ftmp%2Fsocket/", "http://example.com:99999/",
        "http://example.com:0/", "",
    ])
    func wrongURLs(text: String) {
        let error = #expect(throws: ReplayError.self) { try TargetURL(text) }
        #expect(error?.description.contains("secret") == false)
    }
}
