import Foundation
import Glibc
import TestSupport
import Testing
import Webhooks

@testable import Receiver

/// The program as it is run, with curl as a client that we did not write.
@Suite("daybook-receiver") struct ProgramTests {
    private static let program = "\(buildFolder)/daybook-receiver"

    /// Starts the program, and waits until it listens.
    private func start(_ arguments: [String], environment: [String: String] = [:]) throws -> RunningServer {
        try RunningServer(listening: RunningProgram(Self.program, arguments, environment: environment))
    }

    func curl(_ arguments: String...) throws -> String { try curl(arguments) }

    func curl(_ arguments: [String]) throws -> String {
        let result = try run("curl", ["-sS", "-m", "60", "-w", "\n%{http_code}"] + arguments)
        #expect(result.status == 0, "\(result.errors)")
        return result.text
    }

    @Test func curlIsAnswered() throws {
        let folder = try TemporaryDirectory()
        let running = try start(["--spool", "\(folder.path)/spool", "--listen", "127.0.0.1:0", "--reserve", "0"])
        let (url, spool) = (running.url, SpoolContents(path: "\(folder.path)/spool"))
        let files = try [10, 1 << 20, (1 << 20) + 1].map { size in
            let path = "\(folder.path)/\(size)"
            try Data((0..<size).map { _ in UInt8.random(in: .min ... .max) }).write(to: URL(filePath: path))
            return path
        }
        for file in files[..<2] {
            #expect(try curl("\(url)/webhooks/production", "--data-binary", "@\(file)").hasSuffix("}\n\n200"))
            let headers = ["-H", "Transfer-Encoding: chunked", "-H", "Expect: 100-continue"]
            #expect(try curl(headers + ["\(url)/webhooks/production", "--data-binary", "@\(file)"]).hasSuffix("\n200"))
        }
        #expect(try curl("\(url)/webhooks/production", "--data-binary", "@\(files[2])").hasSuffix("\n413"))
        #expect(
            try curl("\(url)/webhooks/production", "-H", "Transfer-Encoding: chunked", "--data-binary", "@\(files[2])")
                .hasSuffix("\n413"))
        #expect(try curl("\(url)/webhooks/production", "--http1.0", "-d", "old").hasSuffix("\n200"))
        #expect(try curl("\(url)/webhooks/production", "--http2", "-d", "new").hasSuffix("\n200"))
        #expect(try curl("\(url)/ready") == "ready\n\n200")
        #expect(try curl("-I", "\(url)/health").hasSuffix("\n200"))

        let end = try running.stop()
        #expect(end.status == 0)
        #expect(end.errors.hasSuffix("info: stopped\n"))
        let stored = try spool.names(.production, "new").map {
            try Data(contentsOf: URL(filePath: "\(spool.path)/production/new/\($0)"))
        }
        let sent = try files[..<2].flatMap { file in
            try [0, 1].map { _ in try Data(contentsOf: URL(filePath: file)) }
        }
        #expect(stored == sent + [Data("old".utf8), Data("new".utf8)])
        #expect(try spool.names(.production, "tmp") == [])
    }

    @Test func aSignalInTheMiddleOfABody() throws {
        let folder = try TemporaryDirectory()
        let running = try start(
            ["--spool", "\(folder.path)/spool", "--listen", "127.0.0.1:0", "--reserve", "0", "--grace", "200ms"])
        let url = running.url
        #expect(try curl("\(url)/webhooks/sandbox", "-d", "x").hasSuffix("\n200"))
        let client = try HTTPConnection(port: running.port)
        // After the 100 Continue, the request is in progress.
        try client.send(
            "POST /webhooks/sandbox HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
        #expect(try client.reply()?.status == 100)
        try client.send("half")
        let end = try running.stop()
        #expect(end.status == 0)
        #expect(end.errors.hasSuffix("info: stopped\n"))
        client.waitForEnd()
        #expect(try SpoolContents(path: "\(folder.path)/spool").payloads(.sandbox) == ["x"])
    }

    @Test func theEnvironmentAndTheOtherProtocol() throws {
        let folder = try TemporaryDirectory()
        let running = try start(
            ["--listen", "[::1]:0"], environment: ["DAYBOOK_SPOOL": "\(folder.path)/spool", "DAYBOOK_RESERVE": "0"])
        let url = running.url
        #expect(url.hasPrefix("http://[::1]:"))
        #expect(try curl("-g", "\(url)/webhooks/sandbox", "-d", "x").hasSuffix("\n200"))
        #expect(try running.stop().status == 0)
        #expect(try SpoolContents(path: "\(folder.path)/spool").payloads(.sandbox) == ["x"])
    }

    @Test func secretsOfAFileAndARuleOfTheConfiguration() throws {
        let folder = try TemporaryDirectory()
        try Data("one\nproduction:two\n".utf8).write(to: URL(filePath: "\(folder.path)/secrets"))
        try Data(
            """
            {"spool": "\(folder.path)/spool", "listen": "127.0.0.1:0", "reserve": 0, "auth": "path",
             "secret-file": "\(folder.path)/secrets", "keep-header": ["X-A"], "id-header": "X-Id"}
            """.utf8
        ).write(to: URL(filePath: "\(folder.path)/config.json"))
        let running = try start(["--config", "\(folder.path)/config.json"])
        let url = running.url
        for (path, status) in [("sandbox/one", 200), ("production/two", 200), ("sandbox/two", 401), ("sandbox", 401)] {
            #expect(
                try curl("\(url)/webhooks/\(path)", "-H", "X-Id: 1", "-H", "X-A: 2", "-H", "webhook-id: 3", "-d", "x")
                    .hasSuffix("\n\(status)"))
        }
        #expect(try running.stop().status == 0)
        let spool = SpoolContents(path: "\(folder.path)/spool")
        #expect(try spool.payloads(.sandbox) == ["x"])
        #expect(try spool.payloads(.production) == ["x"])
        #expect(
            try spool.sidecars(.sandbox).map { Set($0.dropFirst().dropLast().split(separator: ",")) }
                == [[#""x-id":"1""#, #""x-a":"2""#, #""webhook-id":"3""#]])
    }

    @Test(
        arguments: [
            (["--nope"], 64, "Unknown option '--nope'"),
            (["--max-body", "x"], 64, "The value 'x' is invalid"),
            (["--listen", "8080"], 64, "The value '8080' is invalid"),
            (
                ["--config", "/nowhere.json"], 78,
                "daybook-receiver: cannot read /nowhere.json: No such file or directory\n"
            ),
            (["--auth", "path"], 78, "daybook-receiver: auth is path, but there is no secret; give a secret-file\n"),
            (
                ["--secret", "x"], 78,
                "daybook-receiver: there is a secret, but auth is none; say how it is sent, as in auth path\n"
            ),
            (
                ["--auth", "header", "--secret", "x"], 78,
                "daybook-receiver: auth header needs secret-header, the header's name\n"
            ),
            (
                ["--auth", "header", "--secret", "x", "--secret-header", "X-S", "--keep-header", "x-s"], 78,
                "daybook-receiver: x-s is the header with the secret, and is never kept\n"
            ),
            (
                ["--auth", "standard-webhooks", "--secret", "x"], 78,
                "daybook-receiver: secret 1 is not a Standard Webhooks secret: whsec_ followed by base64\n"
            ),
            (
                ["--auth", "path", "--secret", "x", "--signature-header", "y"], 78,
                "daybook-receiver: signature-header goes with auth hmac, not with path\n"
            ),
            (["--writers", "0"], 78, "daybook-receiver: writers is 0, and may be 1 to 4096\n"),
            (
                ["--max-body", "2MiB", "--max-buffered", "1MiB"], 78,
                "daybook-receiver: max-buffered is 1MiB, and may be 2MiB to 1024GiB\n"
            ),
            (["--keep-header", "a b"], 78, "daybook-receiver: \"a b\" cannot be a header's name\n"),
            (
                ["--spool", "/proc/none/spool"], 73,
                "daybook-receiver: cannot make the folder /proc/none: No such file or directory\n"
            ),
        ] as [([String], Int32, String)])
    func whatIsWrongIsToldWithItsCode(_ arguments: [String], _ status: Int32, _ sentence: String) throws {
        let folder = try TemporaryDirectory()
        let result = try run(
            "env", ["-i", "-C", folder.path, Self.program, "--listen", "127.0.0.1:0"] + arguments)
        #expect(result.status == status)
        #expect(result.errors.contains(sentence), "\(result.errors)")
        #expect(result.text == "")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }

    @Test func anAddressThatIsTakenIs69() async throws {
        let folder = try TemporaryDirectory()
        try await TestServer.run { server in
            let result = try run(
                Self.program, ["--spool", "\(folder.path)/spool", "--listen", "127.0.0.1:\(server.port)"])
            #expect(result.status == 69)
            #expect(
                result.errors == "daybook-receiver: cannot listen on 127.0.0.1:\(server.port): Address already in use; "
                    + "choose another with --listen\n")
        }
        #expect(try SpoolContents(path: "\(folder.path)/spool").all() == [])
    }

    @Test func tooFewOpenFilesIs78() throws {
        let folder = try TemporaryDirectory()
        let result = try run(
            "bash",
            ["-c", "ulimit -n 200; exec '\(Self.program)' --spool '\(folder.path)/spool' --max-connections 100"])
        #expect(result.status == 78)
        #expect(
            result.errors
                == "daybook-receiver: max-connections 100 and writers 64 need 368 open files, and the limit is "
                + "200; raise it (ulimit -n), or lower them\n")
    }

    static let isShmElsewhere: Bool = {
        var (here, there) = (stat(), stat())
        return stat(FileManager.default.temporaryDirectory.path, &here) == 0 && stat("/dev/shm", &there) == 0
            && here.st_dev != there.st_dev
    }()

    @Test(.enabled(if: isShmElsewhere, "wants a second filesystem at /dev/shm"))
    func foldersOnTwoFilesystemsAre78() throws {
        let folder = try TemporaryDirectory()
        let elsewhere = "/dev/shm/\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: elsewhere) }
        for path in [elsewhere, "\(folder.path)/spool/sandbox"] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder.path)/spool/sandbox/tmp", withDestinationPath: elsewhere)
        let result = try run(Self.program, ["--spool", "\(folder.path)/spool", "--listen", "127.0.0.1:0"])
        #expect(result.status == 78)
        #expect(result.errors.contains("put both on one filesystem"))
    }

    @Test func helpIsForStdout() throws {
        let result = try run(Self.program, ["--help"])
        #expect(result.status == 0 && result.errors == "")
        #expect(result.text.contains("USAGE: daybook-receiver"))
    }

    /// What faces the network carries neither a database nor a compressor, nor TLS.
    @Test func itLinksLittle() throws {
        let result = try run("ldd", [Self.program])
        #expect(result.status == 0)
        #expect(result.text.contains("libc.so"))
        for library in ["sqlite", "libz.", "libssl", "libcrypto", "curl", "libxml"] {
            #expect(!result.text.contains(library), "\(library)")
        }
    }
}
