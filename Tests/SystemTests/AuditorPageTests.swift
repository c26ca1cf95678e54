import Foundation
import TestSupport
import Testing

/// The auditors' page as it is run: over a network, by curl and by a browser.
@Suite struct AuditorPageTests {
    let bench: Workbench

    init() throws {
        bench = try Workbench()
        for number in 0..<60 {
            let day = 1 + number % 20
            let note =
                number % 7 == 0 ? "<script>alert(1)</script>" : number % 5 == 0 ? "paid\\nin full" : "Überweisung €"
            let space = number % 3 == 0 ? "\n" : " "
            try bench.receive(
                #"{"event":"RECORD_CREATED",\#(space)"data":{"business_id":"acme","n":\#(number),"note":"\#(note)"}}"#,
                at: "2025-03-\(day < 10 ? "0" : "")\(day)T10:00:\(10 + number % 50)Z")
        }
        for business in ["kora", #"\"><img src=x onerror=alert(1)>"#] {
            try bench.receive(
                #"{"event":"RECORD_CREATED","data":{"business_id":"\#(business)"}}"#, at: "2025-03-20T11:00:00Z")
        }
        try bench.receive(#"{"event":"RECORD_CREATED","data":{"business_id":"kora"}}"#, at: "2025-03-20T12:00:00Z")
        try bench.sweep()
    }

    private func token(_ arguments: String...) throws -> String {
        let result = try bench.start("\(buildFolder)/daybook", ["auditors", "add"] + arguments).end()
        #expect(result.status == 0, "\(result.errors)")
        return result.text.trimmingCharacters(in: .newlines)
    }

    @Test func aDayFetchedByCurlIsTheSealedOne() throws {
        let token = try token("Ada", "--business", "acme")
        let page = try bench.page()
        let day = "b/production/acme/2025-03-20"
        let result = try bench.sh(
            """
            set -e
            get() { curl -fsS -H 'Authorization: Bearer \(token)' "$@"; }
            get -D head -o whole.gz \(page.url)/\(day)/events.ndjson.gz
            h=$(sha256sum < whole.gz | head -c 64)
            grep -qix "etag: \\"$h\\".*" head
            tar -xzOf archive/environment=production/_seals/2025-03-20.leaves.tar.gz |
                grep -q "^$h  business=acme/day=2025-03-20/events.ndjson.gz$"
            head -c 100 whole.gz > part.gz
            get -C - -o part.gz \(page.url)/\(day)/events.ndjson.gz
            cmp whole.gz part.gz
            cmp whole.gz archive/environment=production/business=acme/day=2025-03-20/events.ndjson.gz
            """)
        #expect(result.status == 0, "\(result.errors)")
        #expect(try page.stop().status == 0)
        let log = try bench.daybook("auditors", "log", "--auditor", "Ada")
        #expect(log.lines.filter { $0.contains("fetched") }.count == 2 && log.text.contains("bytes 100-"))
        try bench.verify()
    }

    /// Every command of "How to check this yourself", as it is on the page.
    @Test func theCommandsOnThePageWork() throws {
        let token = try token("Ada", "--business", "acme")
        try bench.sh(
            "ssh-keygen -q -t ed25519 -N '' -f key && daybook sweep --sign-key key && echo \"ops $(cat key.pub)\" > allowed"
        )
        .expectSuccess()
        let page = try bench.page()
        let html = try run(
            "curl", ["-fsS", "-H", "Authorization: Bearer \(token)", "\(page.url)/b/production/acme/2025-03-16/check"]
        ).text
        let commands = html.matches(of: #/<pre[^>]*>([^<]*)<\/pre>/#).map { match in
            [("&#39;", "'"), ("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")].reduce(String(match.1)) {
                $0.replacing($1.0, with: $1.1)
            }
        }.map {
            $0.replacing("TOKEN", with: token).replacing("ALLOWED", with: bench.folder("allowed")).replacing(
                "NAME", with: "ops")
        }
        #expect(commands.count == 7)
        let folder = try TemporaryDirectory()
        let result = try run("/bin/sh", ["-ec", commands.joined(separator: "\n")], in: folder.path)
        #expect(result.status == 0, "\(result.errors)")
        #expect(
            result.text.contains("Good \"daybook-seal\" signature")
                && result.lines.filter { $0.hasSuffix(": OK") }.count == 2)
        #expect(result.lines.last?.trimmingCharacters(in: .whitespaces) == "3 holds")
    }

    @Test func aBrowserCanUseThePage() throws {
        let token = try token("Ada Okafor", "--all-businesses")
        let page = try bench.page()
        let result = try run(
            python,
            [
                script("browser.py"), page.url, token, "acme", bench.folder("archive"),
                "\(packageFolder)/.build/screenshots",
            ])
        #expect(result.status == 0, "\(result.text)\(result.errors)")
    }

    @Test func servesTLSAndReloadsTheCertificateOnSIGHUP() throws {
        let token = try token("Ada", "--all-businesses")
        func makeCertificate(_ name: String) throws {
            try bench.sh(
                """
                openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=\(name) -addext subjectAltName=IP:127.0.0.1 \
                    -keyout \(name).key -out \(name).pem && cp \(name).pem cert.pem && cp \(name).key cert.key
                """
            ).expectSuccess()
        }
        try makeCertificate("one")
        let page = try bench.page("--tls-certificate", bench.folder("cert.pem"), "--tls-key", bench.folder("cert.key"))
        #expect(page.url.hasPrefix("https://127.0.0.1:"))
        func get(_ certificate: String) throws -> ProgramResult {
            try bench.sh("curl -fsS --cacert \(certificate).pem -H 'Authorization: Bearer \(token)' \(page.url)/")
        }
        #expect(try get("one").text.contains("acme"))
        try makeCertificate("two")
        page.send(SIGHUP)
        try waitUntil { page.errors.contains("reloaded the certificate") }
        #expect(try get("two").text.contains("acme") && get("one").status != 0)
        try bench.folder.write("nonsense".utf8, to: "cert.pem")
        page.send(SIGHUP)
        try waitUntil { page.errors.contains("the old one stays in use") }
        #expect(try get("two").text.contains("acme"))
    }

    @Test(arguments: [
        (["--page-listen", "0.0.0.0:0"], 78 as Int32, "can be reached from other machines"),
        (["--tls-certificate", "none.pem"], 78, "go together"),
        (["--tls-certificate", "none.pem", "--tls-key", "none.key"], 78, "none.pem and its key cannot be used"),
        (["--page-listen", "127.0.0.1"], 64, "page-listen"), (["--archive", "nowhere"], 66, "is not an archive"),
        (["--page-origin", "https://a.test/path"], 64, "page-origin"),
        (["--trusted-proxy", "10.0.0.1/8"], 64, "trusted-proxy"),
    ])
    func whatCannotBeServedIsSaid(_ arguments: [String], _ status: Int32, _ said: String) throws {
        let result = try bench.start("\(buildFolder)/daybook", ["serve"] + arguments).end()
        #expect(result.status == status && result.errors.contains(said), "\(result.errors)")
    }

    @Test func aPortInUseIsReported() throws {
        let page = try bench.page()
        let result = try bench.daybook("serve", "--page-listen", String(page.url.dropFirst(7)))
        #expect(result.status == 69 && result.errors.contains("cannot listen on"), "\(result.errors)")
    }

    /// Requests by the byte, and the status lines of all answers until the page closes the connection.
    @Test func hostIsCheckedAndHTTP10ConnectionsClose() throws {
        let page = try bench.page()
        let script = """
            import re, socket, sys
            for request in sys.argv[2:]:
                with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=60) as connection:
                    connection.sendall(request.encode("latin-1").replace(b"~", b"\\r\\n"))
                    answer = b""
                    while piece := connection.recv(65536):
                        answer += piece
                lines = re.findall(rb"HTTP/1[.][01] [0-9]{3}", answer)
                closes = answer.lower().count(b"\\r\\nconnection: close\\r\\n")
                print([line.decode() for line in lines], closes, b"chunked" in answer.lower())
            """
        let port = try #require(page.url.split(separator: ":").last)
        let requests = [
            "GET /sign-in HTTP/1.1~~", "GET /sign-in HTTP/1.1~Host: x~Host: x~~", "GET /sign-in HTTP/1.1~Host:~~",
            "GET /sign-in HTTP/1.1~Host: a b~~", "GET /sign-in HTTP/1.0~Host: a/b~~",
            "GET /sign-in HTTP/1.1~Host: x~~GET /sign-in HTTP/1.1~Host: a/b~~GET /sign-in HTTP/1.1~Host: x~~",
            "GET /sign-in HTTP/1.0~~GET /sign-in HTTP/1.0~~", "GET /sign-in HTTP/1.0~Host: x~Connection: keep-alive~~",
            "GET /sign-in HTTP/1.1~Host: x:8090~Connection: close~~",
        ]
        let result = try run("python3", ["-c", script, String(port)] + requests)
        #expect(result.status == 0, "\(result.errors)")
        let refused = "['HTTP/1.1 400'] 1 False"
        #expect(
            result.lines == [
                refused, refused, refused, refused, refused, "['HTTP/1.1 200', 'HTTP/1.1 400'] 1 False",
                "['HTTP/1.0 200'] 1 False", "['HTTP/1.0 200'] 1 False", "['HTTP/1.1 200'] 0 False",
            ])
    }

    @Test func auditorsAreListedAndRevoked() throws {
        #expect(try bench.daybook("auditors", "list").lines.count == 1)
        let kim = try token(
            "Kim", "--business", "kora", "--environment", "production", "--from", "2025-03-01", "--expires", "2d")
        #expect(kim.hasPrefix("daybook_") && kim.count == 72)
        #expect(
            try bench.daybook("auditors", "list").lines.last?.contains("kora of production from 2025-03-01") == true)
        #expect(try bench.daybook("auditors", "add", "Kim", "--all-businesses").status == 73)
        for wrong in [
            ["add", "Kim"], ["add", "Lee", "--all-businesses", "--business", "x"],
            ["add", "Lee", "--all-businesses", "--expires", "2020-01-01"],
            ["add", "Lee", "--all-businesses", "--expires", "7"],
        ] {
            #expect(try bench.start("\(buildFolder)/daybook", ["auditors"] + wrong).end().status == 64, "\(wrong)")
        }
        let page = try bench.page()
        func status() throws -> String {
            try bench.sh("curl -s -o /dev/null -w '%{http_code}' -H 'Authorization: Bearer \(kim)' \(page.url)/").text
        }
        #expect(try status() == "200")
        #expect(try bench.daybook("auditors", "revoke", "Kim").status == 0)
        #expect(try status() == "401")
        #expect(try bench.daybook("auditors", "revoke", "Kim").status == 66)
        #expect(try bench.daybook("auditors", "list", "--all").lines.last?.contains("revoked") == true)
        let kinds = try bench.sh("daybook auditors log --json | jq -r .kind").lines
        #expect(kinds == ["grant", "page", "revocation", "refused"])
    }

    /// Sweeps publish meanwhile, and the page needs none of their locks.
    @Test func downloadsDuringSweepsAreComplete() throws {
        let token = try token("Ada", "--all-businesses")
        let page = try bench.page()
        let result = try bench.sh(
            """
            for round in 1 2 3 4 5 6 7 8; do
                printf '{"event":"RECORD_CREATED","data":{"business_id":"acme","late":%s}}' $round > spool/production/new/late$round
                touch -d 2025-03-20T1$round:00:00Z spool/production/new/late$round
                daybook sweep > /dev/null 2>&1 &
                sweep=$!
                while kill -0 $sweep 2> /dev/null; do
                    curl -fsS -H 'Authorization: Bearer \(token)' -D head -o day.gz \(page.url)/b/production/acme/2025-03-20/events.ndjson.gz || exit 1
                    grep -qi "etag: \\"$(sha256sum < day.gz | head -c 64)\\"" head || exit 2
                done
                wait $sweep || exit 3
            done
            zcat day.gz | wc -l
            """)
        #expect(result.status == 0, "\(result.errors)")
        #expect(try bench.archivedLines().count == 62 + 8)
        #expect(page.errors.split(separator: "\n").count == 1)
        try bench.verify()
    }
}
