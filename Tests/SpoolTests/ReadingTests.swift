import DurableFiles
import Foundation
import Spool
import TestSupport
import Testing
import Webhooks

@Suite struct ReadingTests {
    let fixture: SpoolFixture

    init() throws { fixture = try SpoolFixture() }

    private let id = "01970000-0000-7000-8000-000000000000"

    @Test func aPayloadOverTheLimitIsHashedButNotReturned() throws {
        let bytes = [UInt8](repeating: 0x20, count: EnvironmentSpool.payloadLimit + 1)
        try fixture.folder.write(bytes, to: "spool/production/new/\(id).json")
        let contents = try fixture.part.read(try fixture.part.scan().entries[0])
        #expect(contents.payload == nil && contents.size == bytes.count && contents.hash == ContentHash(of: bytes))
    }

    @Test func readingAMissingEntryIsAnErrorWithItsPath() throws {
        try fixture.write("{}", to: "new/\(id).json")
        let entry = try fixture.part.scan().entries[0]
        try fixture.part.remove(entry)
        let gone = #expect(throws: FileError.self) { try fixture.part.read(entry) }
        try fixture.part.new.makeFolder("\(id).json")
        let folder = #expect(throws: FileError.self) { try fixture.part.read(entry) }
        #expect(gone?.code == ENOENT && folder?.code == EISDIR)
        #expect(gone?.path == fixture.folder("spool/production/new/\(id).json"))
    }
}
