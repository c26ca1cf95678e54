import Foundation
import TestSupport
import Testing

/// `daybook events` as analysts use it.
@Suite struct EventsTests {
    private func fill(_ bench: Workbench) throws {
        let names = ["acme", "kora", "=cmd|' /C calc'!A1", "a,\"b\"\tc"]
        for (number, name) in names.enumerated() {
            for (index, amount) in ["-5", "1000.10", "9007199254740993"].enumerated() {
                let payload: [String: Any] = ["name": name]
                let member = try String(decoding: JSONSerialization.data(withJSONObject: payload), as: UTF8.self)
                    .dropFirst()
                try bench.receive(
                    #"{"event":"T_\#(index)","data":{"amount":\#(amount),"business_id":"b\#(number)",\#(member)}"#,
                    at: "2026-03-0\(index + 1)T10:00:0\(number)Z")
            }
        }
        try bench.sweep()
    }

    @Test func fieldsAreExactInEachFormat() throws {
        try withWorkbench { bench in
            try fill(bench)
            let fields = "--fields business,/data/amount,/data/name"
            let check = try bench.sh(
                """
                daybook events \(fields) --csv > all.csv && daybook events \(fields) --tsv > all.tsv &&
                daybook events \(fields) > all.ndjson && daybook events \(fields) --csv --excel-safe > safe.csv &&
                python3 - <<'END'
                import csv, json
                from decimal import Decimal
                rows = list(csv.reader(open("all.csv", newline="")))
                objects = [json.loads(line, parse_float=Decimal) for line in open("all.ndjson")]
                assert rows[0] == ["business", "/data/amount", "/data/name"], rows[0]
                assert [[o["business"], str(o["/data/amount"]), o["/data/name"]] for o in objects] == rows[1:], objects
                assert [r[1] for r in rows[1:4]] == ["-5", "1000.10", "9007199254740993"], rows
                unescape = lambda cell: cell.replace("\\\\\\\\", "\\0").replace("\\\\t", "\\t").replace("\\0", "\\\\")
                tsv = [[unescape(c) for c in line.rstrip("\\n").split("\\t")] for line in open("all.tsv")]
                assert tsv == rows, tsv
                safe = list(csv.reader(open("safe.csv", newline="")))
                assert all(cell[0] not in "=+@" for row in safe for cell in row), safe
                assert [r[1] for r in safe] == [r[1] for r in rows], safe
                assert sorted({r[2] for r in safe} - {r[2] for r in rows}) == ["'=cmd|' /C calc'!A1"], safe
                END
                """)
            check.expectSuccess()
        }
    }

    @Test func filtersAddUp() throws {
        try withWorkbench { bench in
            try fill(bench)
            func count(_ arguments: String) throws -> String {
                let printed = try bench.sh("daybook events \(arguments) | wc -l").text
                let counted = try bench.sh("daybook events \(arguments) --count").text
                #expect(printed == counted, "\(arguments)")
                return counted.trimmingCharacters(in: .newlines)
            }
            #expect(try count("") == "12")
            #expect(try count("--business b0 --business b3") == "6")
            #expect(try count("--type 'T_*' --type X") == "12")
            #expect(try count("--type T_1 --type T_2 --business b1") == "2")
            #expect(try count("--where '/data/amount > 1000'") == "8")
            #expect(try count("--where '/data/amount > 9007199254740992'") == "4")
            #expect(try count("--where '/data/amount > 9007199254740993'") == "0")
            #expect(
                try count("--received-from 2026-03-02T10:00:02.000Z --received-before 2026-03-03T10:00:01.000Z") == "3")
            #expect(try count("--no-redelivered") == "12")
            #expect(
                try bench.sh("printf 'b0\\r\\nb1\\n\\nb9\\n' > list; daybook events --businesses list --count").text
                    == "6\n")
            let ids = try bench.sh(
                "daybook events --type T_1 | jq -r .id > ids; daybook events --ids - < ids | jq -r .id | cmp - ids && echo same"
            )
            #expect(ids.text == "same\n", "\(ids.errors)")
            #expect(try bench.sh("daybook events --limit 5 | wc -l").text == "5\n")
            let hash = "printf '%s' \"$(daybook events --limit 1 | jq -r .sha256)\""
            #expect(try bench.sh("daybook events --sha256 $(\(hash)) --count").text == "1\n")
        }
    }

    @Test func statisticsOfAFilterAreThoseOfItsEvents() throws {
        try withWorkbench { bench in
            try fill(bench)
            try bench.receive(
                #"{"event":"T_0","data":{"amount":-5,"business_id":"b0","name":"acme"}}"#, at: "2026-03-04T10:00:00Z")
            try bench.sweep()
            for filter in [
                "--type T_0", "--type 'T_*' --business b1", "--redelivered", "--no-redelivered", "--until-sweep 1",
                "--received-from 2026-03-02T10:00:02.000Z", "--type NONE",
                "--sha256 \(String(repeating: "0", count: 64))",
            ] {
                let check = try bench.sh(
                    """
                    daybook events \(filter) --csv | python3 -c '
                    import csv, json, sys
                    rows = list(csv.DictReader(sys.stdin))
                    stats = json.loads(sys.argv[1])
                    def counts(*names): return {key: sum(tuple(r[n] for n in names) == key for r in rows) for key in {tuple(r[n] for n in names) for r in rows}}
                    assert {(d["environment"], d["day"]): d["archived"] for d in stats["days"]} == counts("environment", "day"), stats
                    assert {(t["environment"], t["type"]): t["events"] for t in stats["types"]} == counts("environment", "type"), stats
                    assert {(b["environment"], b["business"]): b["events"] for b in stats["businesses"]} == counts("environment", "business"), stats
                    assert sum(d["redelivered"] for d in stats["days"]) == sum(int(r["redeliveries"]) for r in rows), stats
                    assert sum(d["bytes"] for d in stats["days"]) == sum(len(r["payload"].encode()) for r in rows), stats
                    ' "$(daybook stats \(filter) --json)"
                    """)
                #expect(check.status == 0, "\(filter): \(check.errors)")
            }
            #expect(try bench.sh("daybook stats --type T_0").text.contains("T_0"))
        }
    }

    /// Also with events that arrive late, for days that were archived before.
    @Test func incrementsOfTwentySweepsHaveEachEventOnce() throws {
        try withWorkbench { bench in
            var random = SeededGenerator("increments")
            for sweep in 1...20 {
                for number in 0..<Int.random(in: 1...6, using: &random) {
                    let day = Int.random(in: 1...20, using: &random)
                    try bench.receive(
                        #"{"event":"T","data":{"business_id":"b\#(number % 3)","n":"\#(sweep) \#(number)"}}"#,
                        at: "2026-03-\(day < 10 ? "0" : "")\(day)T10:00:00Z")
                }
                try bench.sweep()
                if sweep % 3 != 0 {
                    try bench.sh(
                        """
                        since=$(cat last 2>/dev/null || echo 0); last=$(daybook events --print-sweep) &&
                        daybook events --since-sweep $since --until-sweep $last >> parts && echo $last > last
                        """
                    ).expectSuccess()
                }
            }
            let check = try bench.sh(
                """
                daybook events --since-sweep $(cat last) >> parts; daybook events | sort > whole
                sort parts | cmp - whole && wc -l < parts && jq -r .id parts | sort -u | wc -l
                """)
            #expect(check.status == 0 && check.lines.count == 2 && check.lines[0] == check.lines[1], "\(check)")
        }
    }

    @Test(arguments: [
        ("--where '/data/amount > '", 64, "at character 16: a value is expected"),
        ("--where 'amount > 1'", 64, "at character 1: a JSON pointer is expected"),
        ("--fields id,amount", 64, "neither a known name nor a JSON pointer"),
        ("--fields id,/a,id", 64, "--fields has id twice"), ("--fields ''", 64, "is not a field"),
        ("--count --csv", 64, "excludes"), ("--excel-safe", 64, "needs --csv or --tsv"),
        ("--csv --tsv", 64, "exclude each other"),
        ("--limit 0", 64, "less than 1"), ("--since-sweep 5 --until-sweep 4", 64, "is less than --since-sweep 5"),
        ("--received-from 2026-03-02", 64, "invalid for '--received-from"),
        ("--sha256 abc", 64, "invalid for '--sha256"),
        ("--ids missing", 64, "cannot read missing"),
        ("--ids /dev/null", 64, "is empty, which would select everything"),
        ("--businesses /dev/null", 64, "is empty, which would select everything"),
        ("--ids bad", 64, #"line 2: "not an id" is not the id of an event"#),
        ("--type NO_SUCH", 0, "no event has the type NO_SUCH"), ("--business nobody", 0, #"no archive is of "nobody""#),
        ("--since-sweep 1", 0, "sweep 1 is the last"), ("--where '/no/such exists'", 0, "has a value at /no/such"),
        ("--id 0195507c-0000-7000-8000-000000000099", 66, "there is no event"),
    ])
    func wrongAndEmptySelectionsSaySo(arguments: String, status: Int32, message: String) throws {
        try withWorkbench { bench in
            try fill(bench)
            try bench.sh("printf '0195507c-0000-7000-8000-000000000099\\nnot an id\\n' > bad").expectSuccess()
            let result = try bench.sh("daybook events \(arguments)")
            #expect(result.status == status && result.errors.contains(message), "\(result.status) \(result.errors)")
        }
    }

    @Test(arguments: ["export -o bag", "hold add --reason x"]) func oneBusinessIsRequired(command: String) throws {
        try withWorkbench { bench in
            try fill(bench)
            let result = try bench.sh("daybook \(command) --business b0 --business b1")
            #expect(
                result.status == 64 && result.errors.contains("--business or --unassigned once"), "\(result.errors)")
            #expect(try bench.sh("ls").text.contains("bag") == false)
        }
    }

    @Test func whatCannotBeReadIsNamedAndTheRestGoesOn() throws {
        let bench = try Workbench()
        try fill(bench)
        let path = try #require(try bench.compressed().first { $0.contains("business=b1") })
        try bench.sh("printf X | dd of='archive/\(path)' bs=1 seek=60 conv=notrunc").expectSuccess()
        let read = try bench.sh("daybook events --where '/data/amount exists' --count")
        #expect(read.status == 65 && read.text == "11\n" && read.errors.contains(path), "\(read)")
        #expect(try bench.sh("rm archive/_index.sqlite*; daybook reindex").status == 65)
        let counted = try bench.sh("daybook events --count")
        #expect(counted.status == 65 && counted.text == "11\n", "\(counted)")
        #expect(counted.errors.contains("not all of it is counted") && counted.errors.contains(path), "\(counted)")
        let others = try bench.sh("daybook events --business b0 --business b2 --count")
        #expect(others.status == 0 && others.text == "6\n", "\(others)")
    }

    @Test func otherCommandsTakeSeveralBusinesses() throws {
        try withWorkbench { bench in
            try fill(bench)
            let two = "--business b0 --business b2"
            #expect(try bench.sh("daybook list \(two) --json | jq length").text == "6\n")
            #expect(
                try bench.sh("daybook stats \(two) --json | jq -c '[.businesses[].business]'").text
                    == "[\"b0\",\"b2\"]\n")
            let verified = try bench.sh("daybook verify \(two)")
            #expect(verified.status == 0 && verified.text.contains("6 archives"), "\(verified)")
        }
    }

    /// By the time of receipt over all businesses, also of events that came late, and each once.
    @Test func newestFirst() throws {
        try withWorkbench { bench in
            var generator = SeededGenerator("events by time")
            for _ in 1...3 {
                for _ in 0..<300 {
                    let minute = Int.random(in: 0..<60, using: &generator)
                    let day = Int.random(in: 1...4, using: &generator)
                    try bench.receive(
                        #"{"event":"T","data":{"business_id":"b\#(Int.random(in: 0..<9, using: &generator))","n":\#(generator.next())}}"#,
                        at: "2026-03-0\(day)T10:\(minute < 10 ? "0" : "")\(minute):00Z")
                }
                try bench.sweep()
            }
            let all = try bench.sh("daybook events | sort").text
            #expect(try bench.sh("daybook events --newest-first | sort").text == all)
            let times = try bench.sh("daybook events --newest-first --fields time | jq -r .time").lines
            #expect(times.count == 900 && times == times.sorted(by: >))
            let first = try bench.sh("daybook events --newest-first --limit 7 --fields time | jq -r .time").lines
            #expect(first == Array(times.prefix(7)))
            let filter = "--business b3 --where '/data/n > 9000000000000000000' --to 2026-03-03"
            let some = try bench.sh("daybook events \(filter) --newest-first --fields id,time").lines
            #expect(
                try some.sorted() == bench.sh("daybook events \(filter) --fields id,time").lines.sorted()
                    && !some.isEmpty)
        }
    }

    @Test func newestFirstNamesDamageOnce() throws {
        let bench = try Workbench()
        try fill(bench)
        let path = "archive/environment=production/business=b1/day=2026-03-02/events.ndjson.gz"
        try bench.sh("printf X | dd of=\(path) bs=1 seek=40 conv=notrunc 2>/dev/null").expectSuccess()
        let result = try bench.daybook("events", "--newest-first")
        #expect(result.status == 65 && result.lines.count == 11)
        #expect(result.errors.components(separatedBy: path).count == 2, "\(result.errors)")
    }
}
