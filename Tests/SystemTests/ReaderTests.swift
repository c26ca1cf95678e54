import Foundation
import TestSupport
import Testing

/// Readers beside a sweep need no lock, see no error, and never a half.
@Suite struct ReaderTests {
    @Test func eventsAndVerifyWhileSweepsPublish() throws {
        try withWorkbench { bench in
            try bench.folder.write([], to: "seen/.keep")
            let sweeps = isLong ? 40 : 8
            let size = 60
            func receive(_ sweep: Int) throws {
                for number in 0..<size {
                    let note = String(repeating: "\(sweep).\(number) ", count: 400)
                    let payload = #"{"event":"RECORD_CREATED","data":{"business_id":"acme","note":"\#(note)"}}"#
                    try bench.receive(payload, at: "2025-03-0\(1 + sweep % 3)T10:00:00Z")
                }
            }
            try receive(0)
            try bench.sweep()
            let readers = try [
                "n=0; until [ -e done ]; do n=$((n+1)); daybook events >seen/$n || exit 1; done",
                "until [ -e done ]; do daybook verify || exit 1; done",
                "until [ -e done ]; do daybook get --business acme --day 2025-03-01 -o got.gz && gzip -t got.gz || exit 1; done",
            ].map { try bench.start("/bin/sh", ["-c", $0]) }
            for sweep in 1..<sweeps {
                try receive(sweep)
                try bench.sweep()
            }
            try bench.folder.write([], to: "done")
            for reader in readers {
                let end = try reader.end()
                #expect(end.status == 0, "\(end.text.suffix(2000))\(end.errors.suffix(2000))")
            }

            // Whole sweeps, each line as it is in the end.
            let lines = Set(try bench.archivedLines())
            #expect(lines.count == sweeps * size)
            let seen = try bench.folder.files(below: "seen").filter { $0 != ".keep" }
            #expect(!seen.isEmpty)
            for file in seen {
                let text = String(decoding: try bench.folder.read("seen/\(file)"), as: UTF8.self)
                let some = text.split(separator: "\n").map(String.init)
                #expect(some.count.isMultiple(of: size) && !some.isEmpty && lines.isSuperset(of: some))
            }
        }
    }

    /// Who may only read: the archive's group, by the modes that Daybook gives.
    @Test(.enabled(if: getuid() == 0, "only root can become another user"), .enabled(if: othersMayRun, "out of reach"))
    func readersNeedNoWritePermission() throws {
        try withWorkbench { bench in
            try bench.receive(#"{"event":"RECORD_CREATED","data":{"business_id":"acme"}}"#)
            try bench.sweep()
            for command in ["list", "events", "stats", "verify", "get --business acme --day 2025-03-01 | cat"] {
                // Within the archive's group, and nothing else.
                let result = try bench.sh("setpriv --reuid 65534 --regid 0 --clear-groups daybook \(command)")
                #expect(result.status == 0 && !result.output.isEmpty, "\(command): \(result.errors)")
            }
        }
    }

    /// A copy that nobody can write to: with the index alone, with what a writer had not checkpointed, and without any.
    @Test(
        .enabled(if: getuid() == 0, "only root can become another user"), .enabled(if: othersMayRun, "out of reach"),
        arguments: ["_index.sqlite-*", "_index.sqlite-shm", "_index.sqlite*"])
    func aCopyIsAWholeArchive(_ missing: String) throws {
        try withWorkbench { bench in
            try bench.receive(#"{"event":"RECORD_CREATED","data":{"business_id":"acme","n":1}}"#)
            try bench.sweep()
            try bench.receive(#"{"event":"RECORD_CREATED","data":{"business_id":"acme","n":2}}"#)
            // While somebody reads, the writer cannot move its commits from the WAL into the index.
            let copied = try bench.sh(
                """
                python3 - <<'END'
                import shutil, sqlite3, subprocess
                reader = sqlite3.connect("archive/_index.sqlite", isolation_level=None)
                reader.execute("BEGIN")
                reader.execute("SELECT count(*) FROM events").fetchone()
                subprocess.check_call(["daybook", "sweep"])
                reader.execute("COMMIT") if "\(missing)" == "_index.sqlite-*" else None
                if "\(missing)" == "_index.sqlite-*":
                    reader.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                shutil.copytree("archive", "copy")
                END
                ls -s copy/_index.sqlite-wal && rm copy/\(missing)
                """)
            #expect(copied.status == 0, "\(copied.errors)")
            if missing == "_index.sqlite-shm" { #expect(!copied.lines[0].hasPrefix("0 "), "the WAL is empty") }
            let before = try Tree(bench.folder, "copy")
            for command in [
                "list", "events", "stats", "verify", "get --business acme --day 2025-03-01 | cat", "export -o - | cat",
            ] {
                let result = try bench.sh(
                    "setpriv --reuid 65534 --regid 0 --clear-groups daybook \(command)".replacing(
                        " |", with: " --archive copy |") + (command.contains("|") ? "" : " --archive copy"))
                #expect(result.status == 0 && !result.output.isEmpty, "\(command): \(result.errors)")
                if command == "events" { #expect(result.lines.count == 2) }
            }
            #expect(try Tree(bench.folder, "copy").differences(from: before) == [])
        }
    }

    /// A copy without an index: what it costs to build one is paid once.
    @Test func theIndexOfACopyIsKeptInAFile() throws {
        try withWorkbench { bench in
            try bench.receive(#"{"event":"RECORD_CREATED","data":{"business_id":"acme","n":1}}"#)
            try bench.sweep()
            let copying = "rm -rf copy && cp -a archive copy && rm copy/_index.sqlite*"
            try bench.sh(copying).expectSuccess()
            let before = try Tree(bench.folder, "copy")
            func list() throws -> (events: [String], inode: String) {
                let result = try bench.sh("daybook events --archive copy --index kept && stat -c %i kept")
                #expect(result.status == 0, "\(result.errors)")
                return (result.lines.dropLast(), result.lines.last ?? "")
            }
            let first = try list()
            let second = try list()
            #expect(first.events.count == 1 && first == second)
            for command in ["list", "stats", "verify", "quarantine list", "hold list"] {
                let result = try bench.sh("daybook \(command) --archive copy --index kept")
                #expect(result.status == 0, "\(command): \(result.errors)")
            }
            #expect(try Tree(bench.folder, "copy").differences(from: before) == [])
            #expect(try bench.sh("ls -A | grep kept").lines == ["kept"])

            // A later state of the archive, and one with a seal more, need another index.
            try bench.receive(#"{"event":"RECORD_CREATED","data":{"business_id":"acme","n":2}}"#)
            try bench.sweep()
            try bench.sh(copying).expectSuccess()
            let third = try list()
            #expect(third.events.count == 2 && third.inode != first.inode)

            // No other file is overwritten.
            for (kind, text) in [("garbage", "dear diary"), ("database", "")] {
                try bench.sh(
                    "printf '\(text)' > mine; [ \(kind) = garbage ] || python3 -c \"import sqlite3;c=sqlite3.connect('mine');c.execute('CREATE TABLE t(a)')\""
                )
                .expectSuccess()
                let size = try bench.folder.read("mine")
                let result = try bench.sh("daybook list --archive copy --index mine")
                #expect(
                    result.status == 73 && result.errors.contains("mine exists, and is not a sound index"),
                    "\(result.errors)")
                #expect(try bench.folder.read("mine") == size)
            }
        }
    }

    /// An index that the sweep may not read, in a folder that it may write to, is as good as lost.
    @Test(.enabled(if: getuid() == 0, "only root can become another user"), .enabled(if: othersMayRun, "out of reach"))
    func anUnreadableIndexIsRebuilt() throws {
        try withWorkbench { bench in
            let other = "setpriv --reuid 65534 --regid 0 --clear-groups"
            try bench.sh("chown 65534 . spool spool/* spool/*/* && chmod 755 .").expectSuccess()
            try bench.receive(#"{"event":"RECORD_CREATED","data":{"business_id":"acme","n":1}}"#)
            try bench.sh("\(other) daybook sweep").expectSuccess()
            try bench.receive(#"{"event":"RECORD_CREATED","data":{"business_id":"acme","n":2}}"#)
            for name in ["_index.sqlite", "_index.sqlite-wal"] {
                try bench.sh("chown root archive/\(name) && chmod 600 archive/\(name)").expectSuccess()
                let result = try bench.sh("\(other) daybook sweep")
                #expect(result.status == 0 && result.errors.contains("was rebuilt"), "\(name): \(result.errors)")
            }
            #expect(try bench.archivedLines().count == 2)
        }
    }

    /// An auditor's visit to a copy is recorded elsewhere.
    @Test(.enabled(if: getuid() == 0, "only root can become another user"), .enabled(if: othersMayRun, "out of reach"))
    func aCopyIsServed() throws {
        try withWorkbench { bench in
            try bench.receive(#"{"event":"RECORD_CREATED","data":{"business_id":"acme","n":1}}"#)
            try bench.sweep()
            try bench.sh(
                "cp -a archive copy && rm copy/_index.sqlite* && mkdir access && chown 65534 access && chmod 755 . copy"
            ).expectSuccess()
            let before = try Tree(bench.folder, "copy")
            let reader = "setpriv --reuid 65534 --regid 0 --clear-groups"
            let refused = try bench.sh("\(reader) daybook serve --archive copy --page-listen 127.0.0.1:0")
            #expect(
                refused.status == 73 && refused.errors.contains("name another folder with --access"),
                "\(refused.errors)")
            let served = try bench.sh(
                """
                token=$(\(reader) daybook auditors add Ada --all-businesses --archive copy --access access) || exit 1
                \(reader) daybook serve --archive copy --access access --page-listen 127.0.0.1:0 2>log & server=$!
                until grep -q listening log; do kill -0 $server || exit 1; sleep 0.1; done
                url=$(grep -o 'http://[0-9.:]*' log | head -n 1)
                for try in 1 2 3; do
                    curl -fsS -H "Authorization: Bearer $token" $url/b/production/acme/2025-03-01/events.ndjson.gz | zcat
                done
                kill $server && wait $server
                daybook auditors log --archive copy --access access | grep -c fetched
                """)
            #expect(served.status == 0 && served.lines.count == 4 && served.lines.last == "3", "\(served)")
            #expect(try Tree(bench.folder, "copy").differences(from: before) == [])
        }
    }
}

/// Whether another user can start the programs where they were built.
let othersMayRun =
    (try? run(
        "setpriv", ["--reuid", "65534", "--regid", "65534", "--clear-groups", "\(buildFolder)/daybook", "--version"]))?
    .status == 0
