import DurableFiles
import Foundation
import Spool
import TestSupport
import Testing
import Webhooks

@Suite struct QuarantineTests {
    let fixture: SpoolFixture

    init() throws { fixture = try SpoolFixture() }

    /// One name of each kind: from the receiver, and from another program.
    static let names = ["01970000-0000-7000-8000-000000000000.json", "someone's file"]

    private func receive(_ name: String) throws -> (entry: SpoolEntry, note: QuarantineNote) {
        try fixture.write("broken", to: "new/\(name)")
        try fixture.write("{}", to: "new/\(EntryName(body: name).sidecar)")
        return try fixture.firstEntryToQuarantine()
    }

    private func moveToQuarantine(_ name: String) throws -> DeliveryID {
        let entry = try receive(name)
        try fixture.part.moveToQuarantine([entry])
        return entry.entry.id
    }

    private func files(of id: DeliveryID) -> [String] {
        ["headers.json", "json", "reason"].map { "quarantine/\(id).\($0)" }
    }

    private func expectReleased(_ name: String) throws {
        #expect(try fixture.files == ["new/\(EntryName(body: name).sidecar)", "new/\(name)"].sorted())
        #expect(try fixture.text("new/\(name)") == "broken")
    }

    @Test(arguments: names) func theFilesInQuarantineAreNamedByTheID(_ name: String) throws {
        let (entry, note) = try receive(name)
        try fixture.part.moveToQuarantine([(entry, note)])
        #expect(try fixture.files == files(of: entry.id))
        #expect(try fixture.text("quarantine/\(entry.id).json") == "broken")
        let hash = ContentHash(of: Array("broken".utf8))
        #expect(
            try fixture.text("quarantine/\(entry.id).reason")
                == #"{"at":3,"id":"\#(entry.id)","name":"\#(name)","reason":"syntax: broken","sha256":"\#(hash)","size":6,"#
                + "\"time\":\"\(entry.time)\"}\n")
        #expect(try fixture.part.quarantined() == [entry.id])
        #expect(try fixture.part.quarantinedPayload(entry.id) == Array("broken".utf8))
    }

    /// A power cut may leave a rename half done. rename(2) then does nothing, and reports success.
    @Test(arguments: names) func aFileUnderBothNamesIsMoved(_ name: String) throws {
        let (entry, note) = try receive(name)
        let spool = fixture.folder("spool/production")
        for (old, new) in [(entry.name.sidecar, "\(entry.id).headers.json"), (name, "\(entry.id).json")] {
            try FileManager.default.linkItem(atPath: "\(spool)/new/\(old)", toPath: "\(spool)/quarantine/\(new)")
        }
        try fixture.part.moveToQuarantine([(entry, note)])
        #expect(try fixture.files == files(of: entry.id))
        #expect(try fixture.text("quarantine/\(entry.id).json") == "broken")
    }

    /// The steps of the move: reason, sidecar, payload. The next scan finds what is still in `new/`, and moves that.
    @Test(arguments: names, 0...3) func anInterruptedMoveIsCompletedByTheNext(_ name: String, steps: Int) throws {
        let (entry, note) = try receive(name)
        let (new, quarantine) = (fixture.part.new, fixture.part.quarantine)
        if steps > 0 { try fixture.write("half", to: "quarantine/.\(entry.id).reason.tmp") }
        if steps > 1 {
            try new.rename(entry.name.sidecar, to: quarantine, as: "\(entry.id).headers.json")
        }
        if steps > 2 { try new.rename(entry.name.body, to: quarantine, as: "\(entry.id).json") }
        try fixture.part.moveToQuarantine([(entry, note)])
        #expect(try fixture.files == files(of: entry.id))
        try fixture.part.moveToQuarantine([(entry, note)])
        #expect(try fixture.files == files(of: entry.id))
    }

    @Test(arguments: names) func aReleaseRestoresTheNameAndKeepsTheID(_ name: String) throws {
        let id = try moveToQuarantine(name)
        try fixture.part.release(id)
        try expectReleased(name)
        #expect(try fixture.part.scan().entries.map(\.id) == [id])
    }

    @Test(arguments: names) func aReleaseNeverReplaces(_ name: String) throws {
        let id = try moveToQuarantine(name)
        try fixture.write("another", to: "new/\(name)")
        let error = #expect(throws: SpoolError.self) { try fixture.part.release(id) }
        #expect(
            error?.description.contains("new/\(name) exists, so the delivery cannot be released under that name")
                == true)
        #expect(try fixture.files == ["new/\(name)"] + files(of: id))
        #expect(try fixture.text("new/\(name)") == "another")
    }

    /// The steps of a release: sidecar, payload under both names, payload under one, reason.
    @Test(arguments: names, 0...4) func anInterruptedReleaseIsCompletedByTheNext(_ name: String, steps: Int) throws {
        let id = try moveToQuarantine(name)
        let (new, quarantine) = (fixture.part.new, fixture.part.quarantine)
        if steps > 0 { try quarantine.rename("\(id).headers.json", to: new, as: EntryName(body: name).sidecar) }
        if steps > 1 {
            _ = try run("ln", [fixture.folder("spool/production/quarantine/\(id).json"), new.path(of: name)])
        }
        if steps > 2 { try quarantine.remove("\(id).json") }
        if steps > 3 {
            try quarantine.remove("\(id).reason")
            let error = #expect(throws: FileError.self) { try fixture.part.release(id) }
            #expect(error?.code == ENOENT)
        } else {
            try fixture.part.release(id)
        }
        try expectReleased(name)
    }

    @Test func aMissingDeliveryCannotBeReleased() throws {
        let id = DeliveryID(hash: ContentHash(of: []))
        #expect(throws: FileError.self) { try fixture.part.release(id) }
        try fixture.write("broken", to: "new/\(EntryName(id).body)")
        #expect(throws: FileError.self) { try fixture.part.release(id) }
    }

    @Test func withoutAReadableReasonThePayloadIsReleasedUnderItsID() throws {
        let id = try moveToQuarantine("someone's file")
        try fixture.write("{", to: "quarantine/\(id).reason")
        try fixture.part.release(id)
        #expect(try fixture.files == ["new/\(id).headers.json", "new/\(id).json"])
    }

    @Test func aDiscardLeavesNothingAndCanBeRepeated() throws {
        let id = try moveToQuarantine(Self.names[0])
        for _ in 0..<2 { try fixture.part.discard(id) }
        #expect(try fixture.files == [])
        #expect(try fixture.part.quarantinedPayload(id) == nil)
    }
}
