import DurableFiles
import Foundation
import TestSupport
import Testing

@Suite struct FileErrorTests {
    @Test(arguments: [
        (FileError(.write, "/spool/x", code: ENOSPC), "cannot write /spool/x: No space left on device; free space on"),
        (FileError(.open, "/spool/x", code: EACCES), "cannot open /spool/x: Permission denied; give this user access"),
        (FileError(.makeFolder, "/a", code: EROFS), "cannot make the folder /a: Read-only file system; its filesystem"),
        (FileError(.open, "/a", code: EMFILE), "cannot open /a: Too many open files; raise the limit"),
        (FileError(.rename, "/a", code: EXDEV), "cannot rename /a: Invalid cross-device link; put both folders"),
        (FileError(.sync, "/a", code: EIO), "cannot sync /a: Input/output error; the disk reports an error"),
        (FileError(.open, "/a", code: ENOENT), "cannot open /a: No such file or directory"),
    ])
    func anErrorNamesOperationPathCauseAndRemedy(_ error: FileError, _ sentence: String) {
        #expect(error.description.hasPrefix(sentence), "\(error)")
    }

    @Test func aFailedCallReportsItsPathAndCause() throws {
        let directory = try TemporaryDirectory()
        let missing = #expect(throws: FileError.self) { try Folder(directory("none")) }
        #expect(missing == FileError(.open, directory("none"), code: ENOENT))
        try directory.write([], to: "file")
        let notAFolder = #expect(throws: FileError.self) { try Folder(directory.path).makeFolder("file/below") }
        #expect(notAFolder == FileError(.open, directory("file"), code: ENOTDIR))
    }
}
