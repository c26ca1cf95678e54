internal import Glibc

/// A folder for temporary files, in `TMPDIR` or `/tmp`. It is removed with its contents when it is released.
package final class ScratchFolder: Sendable {
    package let folder: Folder

    package init() throws(FileError) {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/daybook-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw FileError(.makeFolder, "\(parent)/daybook-XXXXXX") }
        folder = try Folder(String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    deinit {
        for name in (try? folder.names()) ?? [] { try? folder.removeTree(name) }
        rmdir(folder.path)
    }
}
