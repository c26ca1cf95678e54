import Archive
import Crypto
import DurableFiles
import Foundation
import SweepSupport
import TestSupport
import Testing
import Webhooks

/// Seals, checked with `sha256sum` from the environment's folder.
@Suite struct SealTests {
    let directory: TemporaryDirectory
    let archive: ArchiveFolder
    let day = CivilDate("2026-11-23")!
    let now = Timestamp("2026-11-24T02:00:00.000Z")!
    let businesses = [Business("acme"), Business("../Zoë"), Business(nil)]

    init() throws {
        directory = try TemporaryDirectory()
        archive = try ArchiveFolder.make(directory("archive"), timeZone: nil)
    }

    private var environment: String { directory("archive/environment=production") }

    /// Appends lines to a file of the archive, or begins it.
    private func grow(_ path: String, _ lines: [[UInt8]], after earlier: GzipReference? = nil) throws -> GzipReference {
        let (folder, name) = ArchivePath.split(path)
        let parent = try archive.root.makeFolder(folder)
        var appender = try GzipAppender(
            after: earlier.map { try GzipFile($0, in: archive) }, to: parent.newFile("new"), deflater: Deflater())
        for line in lines { try appender.append(line) }
        let state = try appender.finish().state
        try parent.rename("new", to: parent, as: name)
        return GzipReference(path: path, state: state, sweep: 1)
    }

    private func event(_ business: Business, _ number: Int) -> [UInt8] {
        EventLineTests.event(#"{"event":"X","data":\#(number)}"#) { $0.business = business }.bytes
    }

    /// Each business has two events, the first a ledger as well.
    private func holdings() throws -> [Sealing.BusinessDay] {
        var holdings = try businesses.map { business in
            Sealing.BusinessDay(
                business: business,
                archive: try grow(
                    ArchivePath.archive(in: .production, of: business, on: day),
                    [event(business, 1), event(business, 2)]),
                ledger: nil)
        }
        let lines = LedgerLineTests.lines.map(\.0.bytes)
        holdings[0].ledger = try grow(ArchivePath.ledger(in: .production, of: businesses[0], on: day), lines)
        return holdings
    }

    private func seal(
        _ holdings: [Sealing.BusinessDay], received: Int, after earlier: Seal? = nil, previous: Seal? = nil
    )
        throws -> Seal
    {
        var counts = Counts()
        counts.received = received
        return try Sealing(.production, day, after: earlier, in: archive).seal(
            holdings, received: counts, sweep: 1,
            previous: previous.map {
                SealLink(
                    number: $0.statement.number, sealed: $0.statement.sealed,
                    line: ChecksumLine(hash: $0.hash, path: $0.path))
            }, at: now)
    }

    /// What `sha256sum -c` says of the lists in a copy of the environment's folder with unpacked leaves: `nil` if all
    /// of them hold.
    private func fault(_ lists: String) throws -> String? {
        let script = """
            set -e
            rm -rf "$2" && cp -r "$1" "$2" && cd "$2"
            for leaves in _seals/*.leaves.tar.gz; do tar -xzf $leaves; done
            sha256sum --strict --quiet -c \(lists)
            """
        let result = try run("bash", ["-c", script, "bash", environment, directory("unpacked")])
        return result.status == 0 && result.errors.isEmpty ? nil : result.text + result.errors
    }

    private func leaves(of seal: Seal) throws -> [Leaf] {
        var reader = try LeafReader(seal, in: archive)
        var leaves: [Leaf] = []
        while let (_, leaf) = try reader.next() { leaves.append(leaf) }
        return leaves
    }

    /// A leaf as it is unpacked.
    private func unpacked(_ name: String) throws -> [UInt8] {
        try run(
            "tar",
            ["-xzOf", "\(environment)/\(SealPath.leaves(day, 1))", SealPath.leaf(on: day, name: name, revision: 1)]
        ).output
    }

    @Test func aSealAndEachLeafPassSha256sum() throws {
        let seal = try seal(holdings(), received: 10)
        #expect(seal.path == "_seals/2026-11-23.sha256" && seal.leaves == 3)
        #expect(try fault(seal.path) == nil)
        #expect(try fault("_seals/2026-11-23/*.sha256") == nil)
        #expect(seal.statement.counts.archived == 6 && seal.statement.counts.redelivered == 2)
        #expect(seal.statement.counts.quarantined == 2 && seal.statement.counts.released == 1)
        #expect(try archive.seals(.production) == [seal])
    }

    @Test func aLeafNamesOnlyItsBusiness() throws {
        let seal = try seal(holdings(), received: 10)
        for business in businesses {
            let name = archive.leafName(business, day)
            let key = SymmetricKey(data: Hex.decode(archive.identity.salt.utf8)!)
            let message = Data("\(business.segment)\0\(day)".utf8)
            let code = HMAC<SHA256>.authenticationCode(for: message, using: key)
            #expect(name == String(Hex.encode(code).prefix(32)))
            let leaf = String(decoding: try unpacked(name), as: UTF8.self)
            let statement = Array(leaf.utf8.prefix { $0 != UInt8(ascii: "\n") }.dropFirst(2))
            #expect(try run("jq", ["-j", ".business // \"none\""], input: statement).text == business.name ?? "none")
            let others = businesses.filter { $0 != business }
            #expect(others.allSatisfy { !leaf.contains("business=\($0.segment)/") && !"\(seal)".contains($0.segment) })
        }
    }

    @Test func aStatementHasLengthsAndHashes() throws {
        let holding = try holdings()[0]
        _ = try seal(holdings(), received: 10)
        let name = archive.leafName(holding.business, day)
        let path = "\(environment)/\(ArchivePath.archive(in: .production, of: holding.business, on: day).dropFirst(23))"
        let fields = try run(
            "jq", ["-r", ".archive | .gzip_sha256, .gzip_bytes, .text_sha256, .text_bytes, .lines, .lines_sha256"],
            input: Array(unpacked(name).dropFirst(2).prefix { $0 != UInt8(ascii: "\n") })
        ).text
        let script = #"""
            sha256sum <"$1" | cut -c-64; wc -c <"$1"; zcat "$1" | sha256sum | cut -c-64
            zcat "$1" | wc -cl | awk '{print $2; print $1}'
            zcat "$1" | while IFS= read -r line; do printf %s "$line" | sha256sum | cut -c-64; done | sha256sum | cut -c-64
            """#
        #expect(try run("bash", ["-c", script, "bash", path]).text == fields)
    }

    @Test func lateDataAddsARevisionAndTheFirstStillChecks() throws {
        var holdings = try holdings()
        let first = try seal(holdings, received: 10)
        let sealed = try Tree(directory, "archive/environment=production/_seals")
        let path = ArchivePath.archive(in: .production, of: businesses[1], on: day)
        holdings[1].archive = try grow(path, (3...9).map { event(businesses[1], $0) }, after: holdings[1].archive)
        let second = try seal(holdings, received: 17, after: first, previous: first)

        #expect(second.path == "_seals/2026-11-23.r2.sha256" && second.statement.number == 2)
        #expect(second.previous == ChecksumLine(hash: first.hash, path: first.path))
        #expect(try fault(second.path) == nil)
        #expect(
            try fault("$(ls _seals/2026-11-23/*.sha256 | grep -v '\(archive.leafName(businesses[1], day))[.]s')") == nil
        )
        // Only the business that changed has a new leaf; nothing that was sealed is written again.
        #expect(try Set(leaves(of: second).map(\.path)).subtracting(leaves(of: first).map(\.path)).count == 1)
        let standing = try Tree(directory, "archive/environment=production/_seals")
        #expect(sealed.files.allSatisfy { standing.files[$0.key] == $0.value })
        #expect(try fault(first.path) == nil)
        #expect(try archive.seals(.production) == [first, second])

        // Revision 1 of the file that grew: from its prefix, with ordinary tools.
        let name = archive.leafName(businesses[1], day)
        let script = """
            set -e
            leaf=$(tar -xzOf _seals/2026-11-23.leaves.tar.gz _seals/2026-11-23/\(name).sha256)
            statement=$(printf '%s\n' "$leaf" | sed -n '1s/^# //p')
            n=$(printf '%s\n' "$statement" | jq .archive.gzip_bytes)
            file=$(printf '%s\n' "$statement" | jq -r .archive.path)
            { head -c $((n - 10)) "$file"; printf '\\003\\000'; } >"$1"
            gzip -dc "$1" 2>/dev/null | gzip -c | tail -c 8 >>"$1"
            gzip -t "$1"
            sha256sum <"$1" | cut -c-64; printf '%s\n' "$leaf" | grep "^[0-9a-f]*  $file" | cut -c-64
            """
        let sums = try run("bash", ["-c", script, "bash", directory("earlier.gz")], in: environment)
        let lines = sums.text.split(separator: "\n")
        #expect(lines.count == 2 && lines.first == lines.last, "\(sums)")
    }

    @Test func theChainIsBrokenByAnyChange() throws {
        let holdings = try holdings()
        let first = try seal(holdings, received: 10)
        for path in try directory.files(below: "archive/environment=production") {
            let full = "archive/environment=production/\(path)"
            let bytes = try directory.read(full)
            var changed = bytes
            changed[changed.count / 2] ^= 1
            try directory.write(changed, to: full)
            let isFound =
                try path == first.path
                ? ContentHash(of: changed) != first.hash
                : fault("\(first.path) _seals/2026-11-23/*.sha256") != nil
            #expect(isFound, "\(path)")
            try directory.write(bytes, to: full)
        }
    }

    @Test func countsThatDoNotAddUpAreNotSealed() throws {
        let error = #expect(throws: ArchiveError.self) { try seal(holdings(), received: 11) }
        #expect(
            error?.description.contains("on 2026-11-23 the sweeps received 11, and its files hold 6 archived, 2 red")
                == true)
        #expect(try archive.sealPaths(.production) == [])
    }

    @Test func anUnreadableFileIsNotSealed() throws {
        let holdings = try holdings()
        let path = "archive/\(ArchivePath.archive(in: .production, of: businesses[2], on: day))"
        var bytes = try directory.read(path)
        bytes[bytes.count / 2] ^= 4
        try directory.write(bytes, to: path)
        #expect(throws: ArchiveError.self) { try seal(holdings, received: 10) }
        #expect(try archive.sealPaths(.production) == [])
    }

    @Test func anInterruptedSealIsWrittenAgain() throws {
        let holdings = try holdings()
        let first = try seal(holdings, received: 10)
        directory.remove("archive/environment=production/\(first.path)")
        try directory.write("half".utf8, to: "archive/environment=production/_seals/.2026-11-23.sha256.tmp")
        #expect(try archive.seals(.production) == [])
        #expect(try seal(holdings, received: 10) == first)
    }

    @Test(arguments: [
        "", "\n", "x\n", "\(ContentHash(of: [])) a\n", "\(ContentHash(of: []))  \n", "\(ContentHash(of: []))  a",
        "\(ContentHash(of: []))  a\n\n", "\(ContentHash(of: [])) *a\n",
        "G\(ContentHash(of: []).description.dropFirst())  a\n",
    ])
    func whatSha256sumDoesNotWriteIsNoList(_ text: String) { #expect(ChecksumLine.parse(Array(text.utf8)) == nil) }

    @Test(
        arguments: [
            ("_seals/2026-11-23.sha256", 1), ("_seals/2026-11-23.r2.sha256", 2), ("_seals/2026-11-23.r10.sha256", 10),
            ("_seals/2026-11-23.r1.sha256", nil), ("_seals/2026-11-23.r02.sha256", nil),
            ("_seals/2026-11-23.r+2.sha256", nil),
            ("_seals/2026-02-30.sha256", nil), ("_seals/2026-11-23/x.sha256", nil), ("_seals/.2026-11-23.sha256", nil),
            ("2026-11-23.sha256", nil), ("_seals/2026-11-23.json", nil), ("_seals/2026-11-23.sha256.sig", nil),
        ] as [(String, Int?)])
    func aSealsNameTellsDayAndRevision(_ path: String, _ revision: Int?) {
        #expect(SealPath.parse(seal: path)?.revision == revision)
        if let revision { #expect(SealPath.seal(day, revision) == path) }
    }
}
