import AccessLog
import Archive
import Foundation
import HTTPTypes
import SweepSupport
import TestSupport
import Testing
import Webhooks

@testable import AuditorPage

@Suite struct DownloadTests {
    let bench: PageBench
    let path = "/b/production/acme/2026-11-24/events.ndjson.gz"
    let file = SweepFixture.archivePath("acme", "2026-11-24")
    init() throws { bench = try PageBench() }

    @Test func aDayIsServedByteForByte() async throws {
        let answer = await bench.ask(path, token: try bench.token("Ada"))
        let bytes = try bench.fixture.folder.read("archive/\(file)")
        let hash = ContentHash(of: bytes)
        #expect(answer.status == 200 && answer.body == bytes && answer.isWhole)
        #expect(answer["Content-Type"] == "application/gzip" && answer["Content-Encoding"] == nil)
        #expect(answer["Content-Disposition"] == #"attachment; filename="acme_production_2026-11-24.ndjson.gz""#)
        #expect(answer["Content-Length"] == "\(bytes.count)" && answer["Accept-Ranges"] == "bytes")
        #expect(answer["ETag"] == "\"\(hash)\"")
        #expect(answer["Repr-Digest"] == "sha-256=:\(Data(hash.bytes).base64EncodedString()):")
        let head = await bench.ask(path, method: .head, token: try bench.token("Kim"))
        #expect(head.status == 200 && head.body.isEmpty && head["Content-Length"] == "\(bytes.count)")
    }

    @Test func rangesArePartsOfTheFile() async throws {
        let token = try bench.token("Ada")
        let bytes = try bench.fixture.folder.read("archive/\(file)")
        let tag = "\"\(ContentHash(of: bytes))\""
        for (range, part) in [
            ("bytes=0-0", 0..<1), ("bytes=5-20", 5..<21), ("bytes=8-", 8..<bytes.count),
            ("bytes=-12", bytes.count - 12..<bytes.count),
            ("bytes=0-99999", 0..<bytes.count),
            ("bytes=\(bytes.count - 11)-\(bytes.count - 9)", bytes.count - 11..<bytes.count - 8),
        ] {
            let answer = await bench.ask(path, token: token, headers: ["Range": range, "If-Range": tag])
            #expect(answer.status == 206 && answer.body == Array(bytes[part]), "\(range)")
            #expect(answer["Content-Range"] == "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(bytes.count)")
            #expect(answer["ETag"] == tag)
        }
        let other = await bench.ask(path, token: token, headers: ["Range": "bytes=5-20", "If-Range": "\"other\""])
        #expect(other.status == 200 && other.body == bytes)
        for odd in ["bytes=1-2,4-5", "lines=1-2", "bytes=9-2", "bytes=x-", "bytes=-"] {
            #expect(await bench.ask(path, token: token, headers: ["Range": odd]).status == 200)
        }
        for beyond in ["bytes=99999-", "bytes=-0", "bytes=99999999999999999999-"] {
            let answer = await bench.ask(path, token: token, headers: ["Range": beyond])
            #expect(answer.status == 416 && answer["Content-Range"] == "bytes */\(bytes.count)" && answer.body.isEmpty)
        }
    }

    @Test func unchangedFilesAreNotSentAgain() async throws {
        let token = try bench.token("Ada")
        let tag = try #require(await bench.ask(path, token: token)["ETag"])
        #expect(await bench.ask(path, token: token, headers: ["If-None-Match": "\"a\", W/\(tag)"]).status == 304)
        #expect(await bench.ask(path, token: token, headers: ["If-None-Match": "\"a\""]).status == 200)
        #expect(await bench.ask(path, token: token, headers: ["If-Match": "\"a\""]).status == 412)
        #expect(await bench.ask(path, token: token, headers: ["If-Match": tag]).status == 200)
    }

    @Test(arguments: [3, 15, 120, -5]) func aChangedByteBreaksTheDownload(_ place: Int) async throws {
        let token = try bench.token("Ada")
        var bytes = try bench.fixture.folder.read("archive/\(file)")
        bytes[place < 0 ? bytes.count + place : place] ^= 1
        try bench.fixture.folder.write(bytes, to: "archive/\(file)")
        let answer = await bench.ask(path, token: token)
        #expect(!answer.isWhole && answer.body.count < bytes.count)
        let end = try #require(try bench.responder.auditors.log.entries().last)
        #expect(end.kind == .end && end.whole == false && end.bytes == answer.body.count)
        #expect(await bench.ask("/b/production/acme/2026-11-24", token: token).text.contains("It does not verify."))
    }

    @Test func aLargeArchiveIsCheckedBlockByBlock() async throws {
        let bench = try PageBench { fixture in
            var generator = SeededGenerator()
            for number in 0..<60 {
                let noise = (0..<20_000).map { _ in String(UInt8.random(in: 0...255, using: &generator), radix: 16) }
                    .joined()
                try fixture.receive(
                    #"{"event":"RECORD_CREATED","data":{"business_id":"acme","n":"\#(noise)"}}"#,
                    at: "2026-11-24T08:00:00.\(100 + number)Z")
            }
        }
        let token = try bench.token("Ada")
        let bytes = try bench.fixture.folder.read("archive/\(file)")
        let answer = await bench.ask(path, token: token)
        #expect(answer.body == bytes && answer.isWhole)
        let middle = bytes.count / 2
        let part = await bench.ask(path, token: token, headers: ["Range": "bytes=\(middle)-\(middle + 200_000)"])
        #expect(part.body == Array(bytes[middle...middle + 200_000]) && part.isWhole)
        var changed = bytes
        changed[middle] ^= 1
        try bench.fixture.folder.write(changed, to: "archive/\(file)")
        let cut = await bench.ask(path, token: token)
        #expect(!cut.isWhole && cut.body == Array(bytes[..<cut.body.count]) && cut.body.count <= middle)
        let after = await bench.ask(path, token: token, headers: ["Range": "bytes=\(bytes.count - 1000)-"])
        #expect(after.isWhole && after.body == Array(bytes[(bytes.count - 1000)...]))
    }

    @Test func aGrownArchiveIsServedInItsIndexedState() async throws {
        let token = try bench.token("Ada")
        let before = try bench.fixture.folder.read("archive/\(file)")
        try bench.fixture.receive(
            #"{"event":"RECORD_CREATED","data":{"business_id":"acme","late":1}}"#, at: "2026-11-24T23:00:00.000Z")
        try bench.fixture.sweep()
        let answer = await bench.ask(path, token: token)
        #expect(answer.isWhole && answer.body.count > before.count)
        #expect(try bench.fixture.folder.read("archive/\(file)") == answer.body)
    }

    @Test func theFilesOfADayEqualTheArchives() async throws {
        let token = try bench.token("Ada", ["acme"])
        let day = "/b/production/acme/2026-11-24"
        let leaf = await bench.ask("\(day)/leaf.sha256", token: token)
        let seal = await bench.ask("\(day)/seal.sha256", token: token)
        #expect(seal.body == (try bench.fixture.folder.read("archive/environment=production/_seals/2026-11-24.sha256")))
        #expect(seal.text.contains("\(ContentHash(of: leaf.body))  _seals/2026-11-24/"))
        let ledger = await bench.ask("\(day)/ledger.ndjson.gz", token: token)
        #expect(leaf.text.contains("\(ContentHash(of: ledger.body))  _ledger/business=acme/2026-11-24.ndjson.gz"))
        #expect(leaf.text.hasPrefix("# {") && leaf.text.contains(#""archived":2"#))
        #expect(await bench.ask("\(day)/seal.sha256.sig", token: token).status == 404)
    }

    @Test func aPayloadIsServedAsReceived() async throws {
        let token = try bench.token("Ada")
        for event in try bench.fixture.events("acme", "2026-11-24") {
            let answer = await bench.ask("/b/production/acme/2026-11-24/events/\(event.id)/payload", token: token)
            #expect(answer.body == event.payload && answer["Content-Type"] == "application/json")
            #expect(answer["Content-Disposition"] == "attachment; filename=\"\(event.id).json\"")
        }
    }

    @Test func aRangeOfDaysIsABundleThatChecks() async throws {
        let token = try bench.token("Ada")
        let answer = await bench.ask("/b/production/acme/export.tar", token: token)
        #expect(answer.status == 200 && answer.isWhole && answer["Content-Type"] == "application/x-tar")
        let folder = try TemporaryDirectory()
        try folder.write(answer.body, to: "bundle.tar")
        let unpacked = try run("tar", ["xf", "bundle.tar"], in: folder.path)
        #expect(unpacked.status == 0, "\(unpacked.errors)")
        let checked = try run("/bin/sh", ["-c", "sh */data/check.sh && ! grep -rl kora *"], in: folder.path)
        #expect(
            checked.status == 0 && checked.text.contains("all is as it should be"), "\(checked.text)\(checked.errors)")
        #expect(!answer.text.contains("kora"))
    }

    @Test func aBundleOfDamagedFilesIsTruncated() async throws {
        let token = try bench.token("Ada")
        var bytes = try bench.fixture.folder.read("archive/\(file)")
        bytes[100] ^= 1
        try bench.fixture.folder.write(bytes, to: "archive/\(file)")
        #expect(!(await bench.ask("/b/production/acme/export.tar", token: token)).isWhole)
    }
}
