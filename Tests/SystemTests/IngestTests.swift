import Foundation
import TestSupport
import Testing

/// `daybook ingest`, from files as they come from elsewhere.
@Suite struct IngestTests {
    private struct Report: Decodable, Equatable { let read, stored, spooled, archived, rejected: Int }
    private struct Forecast: Decodable {
        let source, id, day, outcome: String
        let business, of, reason: String?
    }

    private func ingest(
        _ bench: Workbench, _ arguments: String, status: Int32 = 0, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> ProgramResult {
        let result = try bench.sh("daybook ingest --environment production --json \(arguments)")
        #expect(result.status == status, "\(result.text)\(result.errors)", sourceLocation: sourceLocation)
        return result
    }

    private func payload(_ business: String, _ number: Int) -> String {
        #"{"event":"T","data":{"business_id":"\#(business)","n":\#(number)}}"#
    }

    @Test func twiceChangesNothing() throws {
        try withWorkbench { bench in
            let lines = (0..<30).map {
                #"{"at":"2025-0\#(1 + $0 % 3)-10T12:00:00.0\#(10 + $0)+01:00","body":\#(payload("b\($0 % 4)", $0)),"h":{"X-Id":"\#($0)"}}"#
            }
            try bench.folder.write(lines.joined(separator: "\n").utf8, to: "dump.ndjson")
            let arguments = "--time /at --payload /body --headers /h dump.ndjson"
            #expect(
                try ingest(bench, arguments).json(Report.self)
                    == Report(read: 30, stored: 30, spooled: 0, archived: 0, rejected: 0))
            #expect(
                try ingest(bench, arguments).json(Report.self)
                    == Report(read: 30, stored: 0, spooled: 30, archived: 0, rejected: 0))
            #expect(try bench.sweep().archived == 30)
            let before = try bench.folder.files(below: "archive").filter { !$0.contains("sqlite") }
            #expect(
                try ingest(bench, arguments).json(Report.self)
                    == Report(read: 30, stored: 0, spooled: 0, archived: 30, rejected: 0))
            // Also where the spool got them once more, from a place that does not see the archive.
            try bench.sh("daybook ingest --environment production \(arguments) --archive elsewhere").expectSuccess()
            #expect(try bench.sweep().received == 0)
            #expect(try bench.folder.files(below: "archive").filter { !$0.contains("sqlite") } == before)
            let first = try bench.sh("daybook events --business b0 --limit 1 --fields time,headers,payload").text
            #expect(
                first.contains(#""time":"2025-01-10T11:00:00.010Z""#) && first.contains("dump.ndjson, line 1"),
                "\(first)")
            #expect(first.contains(#"x-id"#))
        }
    }

    /// Each form of a file gives the same deliveries.
    @Test(arguments: [
        "plain.ndjson", "packed.ndjson.gz", "packed.ndjson.zst", "array.json", "folder",
        "strings.ndjson --payload /p --time /t", "-",
    ])
    func forms(source: String) throws {
        try withWorkbench { bench in
            let payloads = (0..<5).map {
                #"{"event":"T","at":17000000\#(10 + $0),"data":{"business_id":"b","x":1.\#($0)0,"s":"é\\n]"}}"#
            }
            try bench.folder.write((payloads.joined(separator: "\n") + "\n").utf8, to: "plain.ndjson")
            try bench.folder.write("[\(payloads.joined(separator: ",\n "))]\n".utf8, to: "array.json")
            for (number, payload) in payloads.enumerated() {
                try bench.folder.write(payload.utf8, to: "folder/\(number % 2)/\(number).json")
            }
            let strings = try payloads.enumerated().map { number, payload in
                String(
                    decoding: try JSONEncoder().encode(["p": payload, "t": "17000000\(10 + number)"]), as: UTF8.self)
            }
            try bench.folder.write(strings.joined(separator: "\n").utf8, to: "strings.ndjson")
            try bench.sh("gzip -c plain.ndjson > packed.ndjson.gz; zstd -qc plain.ndjson > packed.ndjson.zst")
                .expectSuccess()
            let time = source.contains("--time") ? "" : "--time /at"
            let report: Report = try ingest(bench, "\(time) \(source) < plain.ndjson").json()
            #expect(report.stored == 5)
            try bench.sweep()
            let archived = try bench.sh(#"daybook events | perl -pe 's/^.*?,"data":(.*)}$/$1/'"#).text
            #expect(archived == payloads.map { $0 + "\n" }.joined(), "\(archived)")
        }
    }

    @Test func forecastsAreWhatSweepsDo() throws {
        try withWorkbench { bench in
            var generator = SeededGenerator("forecasts of ingests")
            try bench.receive(payload("b0", 0), at: "2025-03-05T10:00:00Z")
            try bench.sweep()
            var lines: [String] = []
            for number in 0..<400 {
                let day = Int.random(in: 1...28, using: &generator)
                let text =
                    number % 50 == 7
                    ? #"{"event":"","data":1}"# : payload("b\(number % 3)", Int.random(in: 0...20, using: &generator))
                lines.append(#"{"t":"2025-03-\#(day < 10 ? "0" : "")\#(day)T10:00:00Z","p":\#(text)}"#)
            }
            try bench.folder.write(lines.joined(separator: "\n").utf8, to: "dump.ndjson")
            let arguments = "--time /t --payload /p dump.ndjson"
            let spool = try bench.folder.files(below: "spool")
            let dry = try ingest(bench, "--dry-run \(arguments)")
            #expect(try bench.folder.files(below: "spool") == spool)
            let forecasts = try dry.lines.map { try JSONDecoder().decode(Forecast.self, from: Data($0.utf8)) }
            #expect(forecasts.count == 400)
            func count(_ outcome: String) -> Int { forecasts.count { $0.outcome == outcome } }
            let report: Report = try ingest(bench, arguments).json()
            #expect(report.stored == 400 - count("repeated") && report.spooled == count("repeated"))
            let counts = try bench.sweep()
            #expect(
                counts.archived == count("event") && counts.redelivered == count("redelivery")
                    && counts.quarantined == count("quarantine"))
            #expect(count("event") > 20 && count("redelivery") > 20 && count("quarantine") > 0 && count("repeated") > 0)
            // Event by event, and redelivery by redelivery.
            let events = Set(forecasts.filter { $0.outcome == "event" }.map(\.id))
            let archived = try bench.sh("daybook events --since-sweep 1 --fields id | jq -r .id").lines
            #expect(Set(archived) == events)
            let pairs = try Set(
                bench.sh(
                    "sqlite3 archive/_index.sqlite 'SELECT r.id, e.id FROM redeliveries r JOIN events e USING (event)'"
                ).lines)
            #expect(pairs == Set(forecasts.compactMap { it in it.of.map { "\(it.id)|\($0)" } }))
            let after = try ingest(bench, "--dry-run \(arguments)")
            #expect(
                after.lines.allSatisfy {
                    $0.contains(#""outcome":"archived""#) || $0.contains(#""outcome":"repeated""#)
                })
        }
    }

    @Test func whatCannotBecomeADeliveryIsNamed() throws {
        try withWorkbench { bench in
            let lines = [
                #"{"t":"2025-03-01T10:00:00Z","p":\#(payload("a", 1))}"#, "garbage",
                #"{"t":"2025-03-01T10:00:00","p":{}}"#,
                #"{"t":"2999-03-01T10:00:00Z","p":{}}"#, #"{"p":{}}"#, #"{"t":"2025-03-01T10:00:00Z"}"#,
                #"{"t":"2025-03-01T10:00:00Z","p":{},"h":[1]}"#,
                #"{"t":"2025-03-01T10:00:00Z","p":\#(payload("a", 2)),"h":null}"#,
            ]
            try bench.folder.write(lines.joined(separator: "\n").utf8, to: "dump")
            let result = try ingest(bench, "--time /t --payload /p --headers /h dump", status: 65)
            #expect(try result.json(Report.self) == Report(read: 8, stored: 2, spooled: 0, archived: 0, rejected: 6))
            for words in [
                "dump, line 2: it is not valid JSON", "line 3: the value at /t is not a time with an offset",
                "line 4: its time of receipt, 2999",
                "line 5: it has no time at /t", "line 6: it has no payload at /p",
                "line 7: its headers are not an object of strings",
            ] { #expect(result.errors.contains(words), "\(words): \(result.errors)") }
            #expect(try bench.sweep().archived == 2)
            #expect(
                try ingest(bench, "--time file missing", status: 66).errors.contains(
                    "cannot read missing: it does not exist"))
            #expect(try ingest(bench, "--time soon dump", status: 64).errors.contains("--time"))
            #expect(try ingest(bench, "--time file -", status: 0).errors.contains("0 stored"))
            try bench.sh("gzip -c dump | head -c 60 > cut.gz; printf '[1,' > cut.json").expectSuccess()
            #expect(try ingest(bench, "--time 2025-01-01 cut.gz", status: 65).errors.contains("cut.gz is damaged"))
            #expect(try ingest(bench, "--time 2025-01-01 cut.json", status: 65).errors.contains("its array has no end"))
        }
    }

    /// Nothing of a file or folder is left out silently.
    @Test func nothingIsLeftOut() throws {
        try withWorkbench { bench in
            try bench.sh(
                """
                printf '[{"a":1}]\\n[{"a":2}]\\n' > two.json; printf '{\\n  "event": "T"\\n}\\n' > pretty.json
                printf '{"event":"T"}' | iconv -t UTF-16 > wide.json; printf '\\357\\273\\277[{"event":"T","n":1}]' > marked.json
                gzip -c marked.json > marked.gz
                mkdir folder; echo '{"event":"T","n":2}' > folder/a.json; ln -s . folder/round; ln -s nothing folder/lost.json
                ln -s ../marked.json folder/link.json; mkfifo folder/pipe
                """
            ).expectSuccess()
            for (file, words) in [
                ("two.json", "there is more after its array"), ("pretty.json", "one JSON text over several lines"),
                ("wide.json", "it is in UTF-16"), ("- < marked.gz", "compressed pipe"),
            ] {
                let result = try bench.sh("daybook ingest --environment production --time 2025-01-01 \(file)")
                #expect(result.status != 0 && result.errors.contains(words), "\(file): \(result.errors)")
            }
            let folder = try ingest(bench, "--time 2025-01-02 folder", status: 65)
            #expect(
                try folder.json(Report.self) == Report(read: 5, stored: 2, spooled: 0, archived: 0, rejected: 3),
                "\(folder.errors)")
            for name in ["lost.json", "pipe", "round"] {
                #expect(folder.errors.contains("folder/\(name): it is not a regular file"))
            }
            #expect(try ingest(bench, "--time 2025-01-02 marked.json").json(Report.self).stored == 1)
        }
    }

    /// Items that differ in the sender's id are different events, whatever else is equal.
    @Test func sendersIDsCount() throws {
        try withWorkbench { bench in
            let lines = ["1", "2", "2"].map {
                #"{"t":"2025-03-01T10:00:00Z","p":\#(payload("a", 1)),"h":{"x-id":"\#($0)","authorization":"secret"}}"#
            }
            try bench.folder.write(lines.joined(separator: "\n").utf8, to: "dump")
            let report: Report = try ingest(bench, "--time /t --payload /p --headers /h dump").json()
            #expect(report.stored == 2 && report.spooled == 1)
            #expect(try bench.sweep("--id-header", "x-id").archived == 2)
            #expect(try !bench.sh("daybook events").text.contains("secret"))
        }
    }

    @Test func interruptedItGoesOn() throws {
        try withWorkbench { bench in
            let lines = (0..<20_000).map { payload("b\($0 % 7)", $0) }
            try bench.folder.write(lines.joined(separator: "\n").utf8, to: "dump")
            for part in 1...3 {
                let run = try bench.start(
                    "\(buildFolder)/daybook", ["ingest", "--environment", "production", "--time", "2025-01-01", "dump"])
                try waitUntil { try bench.spooled().count >= 2000 * part || !run.isRunning }
                let second = try bench.sh("daybook ingest --environment production --time 2025-01-01 dump")
                #expect(second.status == 75 || !run.isRunning)
                run.send(SIGKILL)
                _ = try run.end()
            }
            try bench.sweep()
            _ = try ingest(bench, "--time 2025-01-01 dump")
            try bench.sweep()
            #expect(try bench.sh("daybook events --count").text == "20000\n")
        }
    }
}
