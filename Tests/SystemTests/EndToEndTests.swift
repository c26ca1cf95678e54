import Foundation
import TestSupport
import Testing

/// The two programs, from the first POST to what others read out of the archive.
@Suite struct EndToEndTests {
    /// A payload of each type: as odd in its spelling as JSON may be.
    static func payloads(_ environment: String) -> [String] {
        eventTypes.enumerated().map { number, type in
            // The last is shortened in paths.
            let business = ["acme", "Ko\u{301}ra/Ltd & Söhne", "株式会社日本経済新聞社東京本社"][number % 3]
            switch number % 4 {
            case 0:
                return
                    #"{"event":"\#(type)","data":{"business_id":"\#(business)","amount":-250.00,"of":"\#(environment)"}}"#
            case 1:
                return
                    #" { "event" : "\#(type)" , "data" : { "businessId" : "\#(business)" , "n" : 90071992547409931.10 } } "#
            case 2:
                return
                    "{\n  \"data\": {\"narration\": \"a \\u00e9 \\\" é 🧾\", \"business_id\": \"\(business)\"},\r\n\t\"event\": \"\(type)\"\n}\n"
            default: return #"{"event":"\#(type)","data":{},"sent":"\#(environment)"}"#
            }
        }
    }

    @Test func thirteenTypesInTwoEnvironmentsAndFiveAgain() throws {
        try withWorkbench { bench in
            let sent = ["sandbox", "production"].flatMap { environment in
                Self.payloads(environment).map { (environment, $0) }
            }
            let receiver = try bench.receiver()
            for (environment, payload) in sent + sent.suffix(5) {
                #expect(try receiver.post(payload, to: environment) == 200)
            }
            #expect(try receiver.stop().status == 0)

            #expect(
                try bench.sweep()
                    == SweepCounts(sweep: 1, received: 31, archived: 26, redelivered: 5, quarantined: 0, pending: 0))
            #expect(
                try bench.sweep()
                    == SweepCounts(sweep: nil, received: 0, archived: 0, redelivered: 0, quarantined: 0, pending: 0))
            #expect(try bench.spooled() == [] && bench.spooled("sandbox") == [])
            try payloadsAreUnchanged(sent.map(\.1), bench)
            for path in try bench.compressed() { try othersRead(path, bench) }
            try duckDBReadsAll(26, bench)
            try indexIsMadeAnew(bench)
        }
    }

    /// By the exact bytes, and as jq understands them.
    private func payloadsAreUnchanged(_ sent: [String], _ bench: Workbench) throws {
        var lines = try bench.archivedLines()
        let all = try bench.sh("zcat archive/environment=*/business=*/day=*/*.gz | jq -c .data | sort")
        #expect(all.status == 0)
        let wanted = try run("sh", ["-c", "jq -c . | sort"], input: Array(sent.joined().utf8))
        #expect(all.lines.count == sent.count && all.lines == wanted.lines)
        for payload in sent {
            let isPretty = payload.contains { $0.isNewline }
            let mark =
                isPretty ? #","rawbody":"\#(Data(payload.utf8).base64EncodedString())","# : #","data":\#(payload)}"#
            let place = try #require(
                lines.firstIndex { isPretty ? $0.contains(mark) : $0.hasSuffix(mark) }, "\(payload)")
            lines.remove(at: place)
        }
        #expect(lines == [])
    }

    /// Each of these stops silently after a first gzip member, or says so of a file that was cut.
    private func othersRead(_ path: String, _ bench: Workbench) throws {
        let text = try bench.zcat(path)
        let file = "archive/\(path)"
        #expect(try bench.sh("gzip -t '\(file)'").status == 0)
        let python = try bench.sh(
            """
            /usr/bin/python3 - '\(file)' <<'END'
            import sys, zlib
            inflater = zlib.decompressobj(31)
            sys.stdout.buffer.write(inflater.decompress(open(sys.argv[1], 'rb').read()))
            assert inflater.eof and not inflater.unused_data
            END
            """)
        #expect(python.status == 0 && python.output == text, "\(python.errors)")
        let perl = try bench.sh(
            """
            perl -MIO::Uncompress::Gunzip=gunzip,\\$GunzipError -e \
            'binmode STDOUT; gunzip $ARGV[0] => "-" or die $GunzipError' '\(file)'
            """)
        #expect(perl.status == 0 && perl.output == text, "\(perl.errors)")
    }

    /// The Hive layout as it is: environment, business and day are columns.
    private func duckDBReadsAll(_ count: Int, _ bench: Workbench) throws {
        let result = try bench.sh(
            """
            \(python) - <<'END'
            import duckdb
            rows = duckdb.sql('''
                SELECT environment, count(*), count(DISTINCT id), count(DISTINCT type), count(DISTINCT business)
                FROM read_json('archive/environment=*/business=*/day=*/*.gz', format = 'newline_delimited',
                               hive_partitioning = true, columns = {id: 'VARCHAR', type: 'VARCHAR', data: 'JSON'})
                GROUP BY environment ORDER BY environment''').fetchall()
            for row in rows: print(*row)
            END
            """)
        #expect(result.lines == ["production 13 13 13 4", "sandbox 13 13 13 4"], "\(result.errors)")
    }

    private func indexIsMadeAnew(_ bench: Workbench) throws {
        let before = try bench.sh("sqlite3 archive/_index.sqlite .dump")
        #expect(before.status == 0 && before.lines.count > 40)
        for files in ["archive/_index.sqlite", "archive/_index.sqlite*"] {
            #expect(try bench.sh("rm \(files) && daybook reindex").errors == "the index is rebuilt\n")
            #expect(try bench.sh("sqlite3 archive/_index.sqlite .dump").output == before.output)
        }
    }

    @Test func twoReceiversOnOneSpool() throws {
        try withWorkbench { bench in
            let receivers = try [bench.receiver(), bench.receiver()]
            for number in 0..<10 {
                let payload = #"{"event":"RECORD_CREATED","data":{"business_id":"acme","n":\#(number)}}"#
                for receiver in receivers { #expect(try receiver.post(payload, to: "production") == 200) }
            }
            for receiver in receivers { #expect(try receiver.stop().status == 0) }
            let counts = try bench.sweep()
            #expect(counts.archived == 10 && counts.redelivered == 10)
        }
    }

    @Test func anEventIsFoundByInflatingOneBlock() throws {
        try withWorkbench { bench in
            let ids = try (0..<400).map { number in
                let filler = String(repeating: "\(number) ", count: 1000)
                return try bench.receive(
                    #"{"event":"RECORD_CREATED","data":{"business_id":"acme","note":"\#(filler)"}}"#)
            }
            try bench.sweep()
            for id in [ids[0], ids[200], ids[399]] {
                let found = try bench.daybook("events", "--id", id, "--explain")
                #expect(found.lines.count == 1 && found.text.contains(#""id":"\#(id)""#))
                // Of a file of some 1.6 MB of text, which is at least six blocks of at most 256 KiB.
                let cost = try #require(found.errors.firstMatch(of: #/: (\d+) of (\d+) blocks inflated, (.*) read/#))
                #expect(cost.1 == "1" && Int(cost.2)! >= 6, "\(found.errors)")
            }
        }
    }

    @Test func aDayIsCheckedByOrdinaryTools() throws {
        try withWorkbench { bench in
            for (number, day) in ["2025-03-01", "2025-03-02", "2025-03-04"].enumerated() {
                for business in ["acme", "kora"] {
                    let payload = #"{"event":"RECORD_CREATED","data":{"business_id":"\#(business)","n":\#(number)}}"#
                    try bench.receive(payload, at: "\(day)T10:00:00Z")
                    try bench.receive(payload, at: "\(day)T11:00:00Z")
                }
                if number != 0 { try bench.sweep() }
            }
            // The seal: its leaves, its statement, and the seal before it; then each leaf: archive and ledger.
            let check = """
                cp -r archive/environment=production copy && cd copy &&
                for leaves in _seals/*.leaves.tar.gz; do tar -xzf $leaves || exit 1; done &&
                for seal in _seals/*.sha256; do sha256sum -c --strict $seal || exit 1; done &&
                for leaf in _seals/*/*.sha256; do sha256sum -c --strict $leaf || exit 1; done
                """
            let result = try bench.sh(check)
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.lines.filter { $0.hasPrefix("business=") }.count == 6)
            #expect(result.lines.filter { $0.hasPrefix("_ledger/") }.count == 6)
            #expect(result.lines.filter { $0.contains(#/^_seals\/2025-03-0.\.sha256: OK$/#) }.count == 2)

            // Late data appends: revision 2 is added, and what was sealed before can still be read.
            try bench.receive(
                #"{"event":"RECORD_DELETED","data":{"business_id":"acme"}}"#, at: "2025-03-01T12:00:00Z")
            try bench.sweep()
            let revised = try bench.sh(
                """
                rm -r copy && cp -r archive/environment=production copy && cd copy &&
                for leaves in _seals/*.leaves.tar.gz; do tar -xzf $leaves || exit 1; done &&
                sha256sum -c --strict _seals/2025-03-01.r2.sha256
                """)
            #expect(revised.status == 0, "\(revised.text)\(revised.errors)")
            #expect(revised.lines.contains("_seals/2025-03-04.sha256: OK"))
        }
    }
}
