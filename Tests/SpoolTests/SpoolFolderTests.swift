import DurableFiles
import Spool
import TestSupport
import Testing
import Webhooks

@Suite struct SpoolFolderTests {
    let fixture: SpoolFixture

    init() throws { fixture = try SpoolFixture() }

    @Test func aSpoolIsBoundToOneArchive() throws {
        #expect(try fixture.spool.archiveID() == nil)
        try fixture.spool.bind(toArchive: "some-id")
        #expect(try SpoolFolder(fixture.folder("spool")).archiveID() == "some-id")
        #expect(try fixture.folder.read("spool/_daybook.json") == Array("{\"archive\":\"some-id\"}\n".utf8))
    }

    @Test(arguments: ["", "{}", #"{"archive":"x""#, "\u{0}"]) func aBrokenMarkerIsAnError(_ text: String) throws {
        try fixture.folder.write(text.utf8, to: "spool/_daybook.json")
        let error = #expect(throws: SpoolError.self) { try fixture.spool.archiveID() }
        #expect(error?.description.contains("spool/_daybook.json does not name an archive; restore it") == true)
    }

    @Test func aFolderThatIsNotASpoolHasNoEnvironments() throws {
        let directory = try TemporaryDirectory()
        let spool = try SpoolFolder(directory.path)
        #expect(try spool.environment(.production) == nil)
        #expect(throws: FileError.self) { try SpoolFolder(directory("none")) }
    }

    @Test func missingFoldersBesideNewAreMade() throws {
        fixture.folder.remove("spool/sandbox/tmp", "spool/sandbox/quarantine")
        #expect(try fixture.spool.environment(.sandbox) != nil)
        #expect(try fixture.spool.root.folder("sandbox")?.names(.folder) == ["new", "quarantine", "tmp"])
    }
}
