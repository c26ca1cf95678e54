import Foundation
import TestSupport
import Testing

/// `daybook tables` as analysts and cron use it.
@Suite struct TablesTests {
    private struct Report: Decodable {
        struct Table: Decodable {
            let file: String
            let events, archives, bytes: Int
            let complete: Bool
        }
        struct Misfits: Decodable, Equatable {
            let column, type: String
            let count: Int
            let first: String
        }
        let sweep, unchanged, damaged: Int
        let written: [Table]
        let removed: [String]
        let misfits: [Misfits]

        var files: [String] { written.map(\.file) }
    }

    private static let environment = ["DAYBOOK_PYTHON": python]

    private func tables(_ bench: Workbench, _ options: String = "", status: Int32 = 0) throws -> Report {
        let result = try bench.sh("daybook tables --out tables --json \(options)", environment: Self.environment)
        #expect(result.status == status, "\(result.errors)")
        return try result.json()
    }

    /// Compares the tables with what `daybook events` prints.
    private func compare(_ bench: Workbench, _ folder: String = "tables", status: Int32 = 0) throws {
        let events = try bench.sh("daybook events --csv > events.csv")
        #expect(events.status == status, "\(events.errors)")
        let check = try run(python, [script("tables.py"), folder, "events.csv"], in: bench.folder.path)
        #expect(check.status == 0, "\(check.errors)")
    }

    /// Prints what a query of DuckDB returns, a row a line.
    private func query(_ bench: Workbench, _ sql: String) throws -> [String] {
        let code = "import duckdb, sys\nfor row in duckdb.sql(sys.argv[1]).fetchall(): print(*row)"
        let result = try run(python, ["-c", code, sql], in: bench.folder.path)
        #expect(result.status == 0, "\(result.errors)")
        return result.lines
    }

    /// The inode and the time of change of each table.
    private func files(_ bench: Workbench) throws -> [String: String] {
        let lines = try bench.sh("cd tables && stat -c '%n %i %y' *.parquet").lines
        return Dictionary(
            uniqueKeysWithValues: lines.map {
                let words = $0.split(separator: " ", maxSplits: 1).map(String.init)
                return (words[0], words[1])
            })
    }

    /// Events of two businesses in September and October, in both environments.
    private func twoMonths() throws -> Workbench {
        let bench = try Workbench()
        for (number, day) in ["2025-09-30", "2025-10-01", "2025-10-02"].enumerated() {
            for business in ["acme", "kora"] {
                try bench.receive(
                    #"{"event":"T","data":{"business_id":"\#(business)","n":\#(number)}}"#, at: "\(day)T10:00:00Z")
            }
        }
        try bench.receive(#"{"event":"T","data":{}}"#, at: "2025-10-02T10:00:00Z", "sandbox")
        try bench.sweep()
        return bench
    }

    private static let september = "production-2025-09.parquet"
    private static let october = "production-2025-10.parquet"
    private static let sandbox = "sandbox-2025-10.parquet"

    // MARK: - What is in the tables

    @Test func tablesHaveWhatEventsPrints() throws {
        try withWorkbench { bench in
            try bench.sweepEngineTraps()
            for (number, text) in [
                #"\u0000\u001f\\\"\/"#, "\u{2028}\u{7f}\u{feff}e\u{301}é😀", #"a\tb\r\n","data":{}}"#, "", "NULL",
                #"\\N"#,
            ].enumerated() {
                try bench.receive(
                    "{\"event\":\"\(text.isEmpty ? "E" : text.replacing(#"\u0000"#, with: ""))\",\r\n\t\"data\":{\"business_id\":\"\(text)\",\"n\":\(number)}}\n",
                    at: "2026-06-11T12:00:00Z", number.isMultiple(of: 2) ? "sandbox" : "production")
            }
            // Longer than a block of the archive, and than a row group of the table.
            let size = isLong ? 40 << 20 : 4 << 20
            for number in 0..<3 {
                try bench.receive(
                    #"{"event":"L\#(number)","data":{"business_id":"acme","text":"\#(String(repeating: "\(number)é", count: size / 3))"}}"#,
                    at: "2026-06-11T13:00:00Z")
            }
            // Later sweeps bring earlier deliveries, and redeliveries.
            for round in 0..<3 {
                for number in 0..<20 {
                    try bench.receive(
                        #"{"event":"LATE","data":{"business_id":"acme","n":\#(number % 15 + 7 * round)}}"#,
                        at: "2026-06-11T0\(9 - round):00:\(10 + number)Z")
                }
                try bench.sweep()
            }
            #expect(try tables(bench, "--column 'text text /data/text'").files.count == 2)
            try compare(bench)
            #expect(try tables(bench, "--by day").removed.count == 2)
            try compare(bench)
        }
    }

    @Test func theDayIsOfTheTimeZoneOfTheArchive() throws {
        try withWorkbench { bench in
            try bench.receive(#"{"event":"T","data":{}}"#, at: "2025-09-30T23:30:00Z")
            try bench.sweep("--time-zone", "Africa/Lagos")
            #expect(try tables(bench).files == [Self.october])
            #expect(
                try query(bench, "SELECT day, epoch_ms(time) FROM 'tables/*.parquet'") == ["2025-10-01 1759275000000"])
        }
    }

    /// A column, the values at its pointer, and what they are in the table.
    static let columns: [(column: String, values: [(json: String, wanted: String?)])] = [
        (
            "d decimal(18,2) /v",
            [
                ("0.1", "0.10"), ("0.2", "0.20"), ("1e2", "100.00"), ("-12.550", "-12.55"), ("1.005", nil),
                (#""7.5""#, "7.50"),
                ("9007199254740993", "9007199254740993.00"), ("9999999999999999.99", "9999999999999999.99"),
                ("10000000000000000", nil), (#""n/a""#, nil), (#""1,5""#, nil), ("[1]", nil),
            ]
        ),
        (
            "d decimal(38,0) /v",
            [
                ("99999999999999999999999999999999999999", "99999999999999999999999999999999999999"),
                ("-99999999999999999999999999999999999999", "-99999999999999999999999999999999999999"),
                ("100000000000000000000000000000000000000", nil), ("0.5", nil),
            ]
        ),
        (
            "i integer /v",
            [
                ("9007199254740993", "9007199254740993"), ("-9223372036854775808", "-9223372036854775808"),
                ("9223372036854775808", nil), ("5.0", "5"), ("5e3", "5000"), ("5.5", nil), ("true", nil),
                (#""x""#, nil),
                (#""007""#, nil), ("{}", nil),
            ]
        ),
        ("b boolean /v", [("true", "True"), ("false", "False"), (#""true""#, nil), ("1", nil)]),
        (
            "t date /v",
            [(#""2024-02-29""#, "2024-02-29"), (#""2025-02-29""#, nil), (#""29.02.2024""#, nil), ("20240229", nil)]
        ),
        (
            "t timestamp /v",
            [
                (#""2026-11-23T22:14:48.704001+01:00""#, "2026-11-23 21:14:48.704001+00:00"),
                (#""2026-11-23T22:14:48.7040011Z""#, nil), (#""2026-11-23T22:14:48""#, nil), ("1795468488", nil),
            ]
        ),
        (
            "s text /v",
            [(#""a\u0000b""#, "a\0b"), ("1.50", "1.50"), ("true", "true"), (#""""#, ""), ("[]", nil), ("{}", nil)]
        ),
        ("j json /v", [(#"{"a": 1.50}"#, #"{"a": 1.50}"#), (#""x""#, #""x""#), ("[]", "[]"), ("1e2", "1e2")]),
    ]

    @Test(arguments: columns) func valuesAreExactOrNull(_ column: String, _ values: [(json: String, wanted: String?)])
        throws
    {
        try withWorkbench { bench in
            // Neither null nor nothing at all is counted as a value that does not fit.
            let all = values + [("null", nil)]
            var ids: [String] = []
            for (number, value) in all.enumerated() {
                ids.append(try bench.receive(#"{"event":"T","n":\#(number),"v":\#(value.json)}"#))
            }
            try bench.receive(#"{"event":"T","n":\#(all.count)}"#)
            try bench.sweep()
            let words = column.split(separator: " ").map(String.init)
            let misfits = values.indices.filter { values[$0].wanted == nil }
            let wanted = misfits.first.map {
                [Report.Misfits(column: words[0], type: words[1], count: misfits.count, first: ids[$0])]
            }
            #expect(try tables(bench, "--column '\(column)'").misfits == wanted ?? [])
            let code = """
                import pyarrow.parquet, json, sys
                rows = pyarrow.parquet.ParquetFile("tables/production-2025-03.parquet").read().to_pylist()
                print(json.dumps([None if row[sys.argv[1]] is None else str(row[sys.argv[1]]) for row in rows]))
                """
            let found: [String?] = try run(python, ["-c", code, words[0]], in: bench.folder.path).json()
            #expect(found == all.map(\.wanted) + [nil])
        }
    }

    @Test func misfitsAreAWarning() throws {
        let bench = try twoMonths()
        let result = try bench.sh(
            "daybook tables --out tables --column 'n decimal(2,1) /data/n' --column 'b boolean /data/n'",
            environment: Self.environment)
        #expect(result.status == 0)
        #expect(
            result.errors.contains(
                "daybook: warning: 6 values do not fit the column b boolean exactly and are NULL, at first in the event "
            ))
        #expect(try query(bench, "SELECT count(n), count(b), sum(n) FROM 'tables/*.parquet'") == ["6 0 6.0"])
    }

    // MARK: - What is written again

    @Test func onlyWhatHasChangedIsWrittenAgain() throws {
        try withWorkbench { _ in
            let bench = try twoMonths()
            #expect(try tables(bench).files == [Self.september, Self.october, Self.sandbox])
            var before = try files(bench)
            /// Does something to the archive, after which these tables are written again, and no others.
            func expect(_ changed: [String], after action: String, _ body: () throws -> Void) throws {
                try body()
                let report = try tables(bench)
                #expect(report.files == changed, "\(action)")
                let after = try files(bench)
                let unchanged = after.filter { before[$0.key] == $0.value }.keys
                #expect(Set(unchanged) == Set(after.keys).subtracting(changed), "\(action)")
                #expect(report.unchanged == unchanged.count, "\(action)")
                try compare(bench)
                before = after
            }
            func daybook(_ command: String) throws { try bench.sh("daybook \(command)").expectSuccess() }

            try expect([], after: "nothing") {}
            try expect([Self.october], after: "a late event") {
                try bench.receive(#"{"event":"T","data":{"business_id":"acme","n":9}}"#, at: "2025-10-01T09:00:00Z")
                try bench.sweep()
            }
            try expect([Self.september], after: "a redelivery in another month") {
                try bench.receive(#"{"event":"T","data":{"business_id":"acme","n":0}}"#, at: "2025-10-03T10:00:00Z")
                try bench.sweep()
            }
            #expect(try query(bench, "SELECT redeliveries FROM 'tables/*.parquet' WHERE redeliveries > 0") == ["1"])
            try expect([], after: "a delivery in quarantine") {
                try bench.receive("{", at: "2025-10-02T10:00:00Z")
                try bench.sweep()
            }
            try expect([], after: "a decision about it") {
                try daybook("quarantine discard $(daybook quarantine list | awk 'END { print $1 }')")
            }
            try expect([], after: "a hold") { try daybook("hold add --business none --reason asked") }
            try expect([], after: "a rebuilt index") { try daybook("reindex") }
            let id = try query(bench, "SELECT id FROM 'tables/\(Self.september)' WHERE business = 'kora'")[0]
            try expect([Self.september], after: "an erasure") { try daybook("erase --id \(id) --reason asked --yes") }
            #expect(try query(bench, "SELECT count(*) FROM 'tables/*.parquet' WHERE id = '\(id)'") == ["0"])
            try expect([Self.october, Self.sandbox], after: "a removed and a cut table") {
                try bench.sh("rm tables/\(Self.sandbox) && truncate -s 100 tables/\(Self.october)").expectSuccess()
            }
            // The redelivery on the 3rd of October remains, and is of nothing.
            try daybook("prune --before 2025-10-01 --reason old --yes")
            let report = try tables(bench)
            #expect(report.removed == [Self.september] && report.files == [] && report.unchanged == 2)
            try compare(bench)
        }
    }

    /// A redelivery that a prune removes was of an event that remains, if it came late into the spool.
    @Test func aPrunedRedeliveryIsNotCounted() throws {
        let bench = try Workbench()
        let body = #"{"event":"T","data":{"business_id":"acme"}}"#
        try bench.receive(body, at: "2025-10-01T10:00:00Z")
        try bench.sweep()
        try bench.receive(body, at: "2025-09-30T10:00:00Z")
        try bench.sweep()
        _ = try tables(bench)
        #expect(try query(bench, "SELECT redeliveries FROM 'tables/*.parquet'") == ["1"])
        try bench.sh("daybook prune --before 2025-10-01 --reason old --yes").expectSuccess()
        #expect(try tables(bench).files == [Self.october])
        #expect(try query(bench, "SELECT redeliveries FROM 'tables/*.parquet'") == ["0"])
        try compare(bench)
    }

    @Test func whatIsCurrentNeedsNoPython() throws {
        let bench = try twoMonths()
        _ = try tables(bench)
        let again = try bench.sh("daybook tables --out tables --python /none")
        #expect(again.status == 0 && again.text.isEmpty)
        #expect(again.errors == "tables, through sweep 1: 0 written, 0 removed, 3 unchanged\n")
    }

    @Test func otherColumnsAndDaysAreWrittenAgain() throws {
        let bench = try twoMonths()
        _ = try tables(bench)
        let columns = try tables(bench, "--column 'n integer /data/n'")
        #expect(columns.files.count == 3 && columns.removed.isEmpty)
        #expect(try query(bench, "SELECT sum(n) FROM 'tables/production-*.parquet'") == ["6"])
        let days = try tables(bench, "--by day")
        #expect(days.removed == [Self.september, Self.october, Self.sandbox])
        #expect(
            days.files == [
                "production-2025-09-30.parquet", "production-2025-10-01.parquet", "production-2025-10-02.parquet",
                "sandbox-2025-10-02.parquet",
            ])
        try compare(bench)
        #expect(try tables(bench, "--by day").files.isEmpty)
    }

    /// With the same numbers, the sweeps of an archive that was restored from a backup are others.
    @Test func aRestoredArchiveIsReadAgain() throws {
        let bench = try twoMonths()
        try bench.sh("cp -a archive backup && cp -a spool spool-backup").expectSuccess()
        func sweepAnother(_ amount: Int) throws {
            try bench.receive(
                #"{"event":"T","data":{"business_id":"acme","x":\#(amount)}}"#, at: "2025-10-02T11:00:00Z")
            try bench.sweep()
        }
        try sweepAnother(1)
        _ = try tables(bench)
        try bench.sh("rm -r archive spool && mv backup archive && mv spool-backup spool").expectSuccess()
        try sweepAnother(2)
        #expect(try tables(bench).files.count == 3)
        try compare(bench)
    }

    // MARK: - What goes wrong

    @Test func damageIsNamedAndTheRestIsWritten() throws {
        let bench = try twoMonths()
        try bench.sh("cp -a archive backup").expectSuccess()
        let damaged = "archive/environment=production/business=acme/day=2025-10-01/events.ndjson.gz"
        try bench.sh("printf XXXX | dd of=\(damaged) bs=1 seek=60 conv=notrunc 2> /dev/null").expectSuccess()
        for _ in 0..<2 {
            let result = try bench.sh("daybook tables --out tables", environment: Self.environment)
            #expect(result.status == 65)
            #expect(result.errors.contains("warning: \(damaged) is not as recorded: "), "\(result.errors)")
            #expect(result.errors.contains("1 damaged file or block was left out; run `daybook repair`"))
            try compare(bench, status: 65)
        }
        #expect(try tables(bench, status: 65).files == [Self.october])
        try bench.sh("daybook repair --from backup --yes").expectSuccess()
        #expect(try tables(bench).files == [Self.october])
        try compare(bench)
        #expect(try tables(bench).files.isEmpty)

        // If the index is lost too, it does not have an archive that cannot be read at all.
        let lose = "rm archive/environment=sandbox/business=*/day=*/*.gz archive/_index.sqlite* && daybook reindex"
        #expect(try bench.sh(lose).status == 65)
        #expect(try tables(bench).files.isEmpty, "the tables have what the archive has lost")
        bench.folder.remove("tables")
        let lost = try tables(bench, status: 65)
        #expect(lost.files == [Self.september, Self.october, Self.sandbox] && lost.damaged == 1)
        #expect(lost.written.map(\.complete) == [true, true, false] && lost.written[2].events == 0)
        try bench.sh("daybook repair --from backup --yes").expectSuccess()
        #expect(try tables(bench).files == [Self.sandbox])
        try compare(bench)
        try bench.verify()
    }

    @Test(arguments: [
        (
            "--out tables --python /none", 69,
            "/none cannot write Parquet files: it does not exist, or this user may not run it"
        ),
        ("--out tables --python no-python", 69, "no-python cannot write Parquet files: it is not on the PATH"),
        ("--out tables --python ./old-python", 69, "it has 1.0 of what has to be pyarrow=="),
        ("--out tables --python ./no-pyarrow", 69, "pip install pyarrow=="),
        ("--out archive/tables", 73, "archive/tables is in the archive"), ("--out archive", 73, "is in the archive"),
        ("--out link/new/tables", 73, "is in the archive"), ("--out spool", 73, "contains files but no _tables.json"),
        ("--out other", 78, "other has the tables of another archive"), ("--out newer", 78, "use a newer Daybook"),
        ("--out broken", 65, "broken/_tables.json is not the JSON that Daybook writes"),
        ("--out tables --archive none", 66, "none is not an archive"), ("--out x --by week", 64, "--by"),
        ("", 64, "--out"),
        ("--out x --column 'id text /a'", 64, "there is another column id"),
        ("--out x --column 'a float /a'", 64, "--column: "),
        ("--out x --column 'a text /a' --column 'A text /b'", 64, "another column a"),
    ])
    func whatCannotBeDoneIsRefused(_ options: String, _ status: Int32, _ message: String) throws {
        let bench = try twoMonths()
        try bench.sh(
            """
            ln -s archive link
            printf '#!/bin/sh\\necho 1.0 >&2; exit 4\\n' > old-python
            printf '#!/bin/sh\\nexit 3\\n' > no-pyarrow && chmod +x old-python no-pyarrow
            """
        ).expectSuccess()
        for (folder, manifest) in [
            ("other", #"{"format":1,"archive":"x"}"#), ("newer", #"{"format":2,"archive":"x"}"#), ("broken", "{"),
        ] {
            try bench.folder.write(manifest.utf8, to: "\(folder)/_tables.json")
        }
        let result = try bench.sh("daybook tables \(options)", environment: Self.environment)
        #expect(result.status == status, "\(result.text)\(result.errors)")
        #expect(result.errors.contains(message), "\(result.errors)")
        #expect(try bench.sh("ls tables other x 2>/dev/null | grep parquet").text == "")
        try bench.verify()
    }

    @Test func aWriterThatFailsLeavesTheOldTable() throws {
        let bench = try twoMonths()
        _ = try tables(bench)
        let before = try files(bench)
        try bench.receive(#"{"event":"T","data":{"business_id":"acme","n":9}}"#, at: "2025-10-01T09:00:00Z")
        try bench.sweep()
        try bench.sh(
            """
            printf '#!/bin/sh\\nfor last; do :; done\\n[ "$last" = check ] || { echo MemoryError >&2; exit 1; }\\n' > failing
            printf '#!/bin/sh\\nfor last; do :; done\\n[ "$last" = check ] || kill -9 $$\\n' > killed && chmod +x failing killed
            """
        ).expectSuccess()
        for (program, cause) in [("failing", "MemoryError"), ("killed", "./killed was ended")] {
            let failed = try bench.sh("daybook tables --out tables --python ./\(program)")
            #expect(failed.status == 74)
            #expect(failed.errors == "daybook: cannot write tables/\(Self.october): \(cause)\n")
            #expect(try files(bench) == before)
            #expect(try bench.folder.files(below: "tables").filter { $0.hasSuffix(".tmp") } == [])
        }
        #expect(try tables(bench).files == [Self.october])
    }

    @Test func twoRunsAtOnceAreRefused() throws {
        let bench = try twoMonths()
        _ = try tables(bench)
        let second = try bench.sh(
            "flock tables/_tables.lock daybook tables --out tables", environment: Self.environment)
        #expect(second.status == 75 && second.errors.contains("tables/_tables.lock is held by "), "\(second.errors)")
    }

    /// Killed at any moment, the next run leaves the same bytes as one that was never killed.
    @Test func killsLeaveWholeTables() throws {
        let bench = try Workbench()
        for number in 0..<300 {
            try bench.receive(
                #"{"event":"T","data":{"business_id":"b\#(number % 7)","n":\#(number)}}"#,
                at: "2025-0\(1 + number % 6)-01T10:00:00Z")
        }
        try bench.sweep()
        let clock = ContinuousClock()
        let longest = try clock.measure { _ = try tables(bench) } / .seconds(1)
        try bench.sh("mv tables wanted").expectSuccess()
        let wanted = try Tree(bench.folder, "wanted") { $0.hasSuffix(".lock") }
        var random = SeededGenerator()
        var interrupted = 0
        for round in 0..<(isLong ? 60 : 12) {
            let run = try bench.start(
                "\(buildFolder)/daybook", ["tables", "--out", "tables"], environment: Self.environment)
            Thread.sleep(forTimeInterval: longest * .random(in: 0...1, using: &random))
            run.send(SIGKILL)
            if try run.end().status == 128 + SIGKILL { interrupted += 1 }
            // Whatever a reader finds is a whole table.
            let files = try bench.sh("ls tables/*.parquet 2> /dev/null | wc -l").text.trimmingCharacters(
                in: .whitespacesAndNewlines)
            if files != "0" {
                let events = try query(bench, "SELECT DISTINCT count(*) FROM 'tables/*.parquet' GROUP BY month(day)")
                #expect(events == ["50"], "\(round)")
            }
            if round.isMultiple(of: 3) {
                _ = try tables(bench)
                #expect(
                    try Tree(bench.folder, "tables") { $0.hasSuffix(".lock") }.differences(from: wanted) == [],
                    "\(round)")
                bench.folder.remove("tables")
            }
        }
        #expect(interrupted > 0)
    }

    /// Memory depends on the size of row groups, not on the number or the size of events.
    @Test func memoryDoesNotGrowWithTheArchive() throws {
        func peak(_ events: Int) throws -> Int {
            let bench = try Workbench()
            var random = SeededGenerator("tables")
            for number in 0..<events {
                let noise = String((0..<1000).map { _ in String(random.next(), radix: 36) }.joined().prefix(12_000))
                try bench.receive(
                    #"{"event":"T","data":{"business_id":"b\#(number % 3)","text":"\#(noise)","n":\#(number)}}"#,
                    at: "2025-03-0\(1 + number * 9 / events)T10:00:00Z")
            }
            try bench.sweep()
            let result = try bench.sh(
                "exec daybook tables --out tables --column 'text text /data/text'", environment: Self.environment)
            #expect(result.status == 0, "\(result.errors)")
            return result.peakMemory
        }
        let count = isLong ? 10_000 : 4000
        let (small, large) = (try peak(count), try peak(3 * count))
        print("peak of writing \(count) events of 12 kB: \(small) kB, and of \(3 * count): \(large) kB")
        #expect(Double(large) <= 1.5 * Double(small))
    }

    // MARK: - Beside the command

    @Test func doctorChecksAPythonThatIsChosen() throws {
        let bench = try twoMonths()
        #expect(try bench.daybook("doctor").status == 0)
        #expect(try bench.daybook("doctor", environment: Self.environment).status == 0)
        try bench.folder.write(Array(#"{"python": "/none"}"#.utf8), to: "config.json")
        for wrong in [
            try bench.daybook("doctor", environment: ["DAYBOOK_PYTHON": "/none"]),
            try bench.daybook("doctor", "--config", "config.json"), try bench.daybook("doctor", "--python", "/none"),
        ] {
            #expect(wrong.status == 65 && wrong.text.contains("wrong: `daybook tables` cannot run: /none cannot write"))
        }
    }

    @Test func testsUseTheVersionThatIsNeeded() throws {
        func lines(_ path: String) throws -> [Substring] {
            try String(contentsOf: URL(filePath: "\(packageFolder)/\(path)"), encoding: .utf8).split(separator: "\n")
        }
        let needed = try lines("Sources/Tables/requirements.txt")
        #expect(needed.count == 1)
        #expect(try lines(".ci/requirements.txt").contains(needed[0]))
    }

    static let examples = PageExample.all(of: "Sources/DaybookCLI/DaybookCLI.docc/Tables.md").filter {
        $0.language == "python"
    }

    @Test func eachEngineHasAnExample() {
        #expect(Self.examples.map(\.section) == ["DuckDB", "polars", "pandas", "pyarrow", "chDB", "Spark"])
    }

    @Test(arguments: examples) func anEngineReadsEveryEvent(_ example: PageExample) throws {
        struct Statistics: Decodable {
            struct Business: Decodable {
                let business: String?
                let events: Int
                let firstDay: String

                enum CodingKeys: String, CodingKey {
                    case business, events
                    case firstDay = "first_day"
                }
            }
            let businesses: [Business]
        }
        try withWorkbench { bench in
            try bench.sweepEngineTraps()
            _ = try tables(bench, "--column 'amount decimal(18,2) /data/amount'")
            let statistics: Statistics = try bench.daybook(
                "stats", "--environment", "production", "--type", "X", "--json"
            ).json()
            let businesses = statistics.businesses
            let wanted = [
                "\(businesses.reduce(0) { $0 + $1.events })", "\(businesses.count { $0.business != nil })",
                try #require(businesses.map(\.firstDay).min()), "189151184349561118.65",
            ]
            let result = try run(python, ["-c", example.code], in: bench.folder.path)
            #expect(
                result.text.split(whereSeparator: \.isWhitespace).map(String.init) == wanted,
                "\(result.text)\(result.errors)")
        }
    }
}
