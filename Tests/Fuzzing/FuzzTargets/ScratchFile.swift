internal import DurableFiles
internal import Glibc

/// Makes an unlinked file with these bytes, in memory if the machine has a filesystem for it.
func scratchFile(_ bytes: [UInt8]) throws -> ReadFile {
    let folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    var template = Array("\(folder)/daybook-fuzzed-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    try require(descriptor >= 0, "cannot create a file in \(folder)")
    defer {
        close(descriptor)
        unlink(template)
    }
    try require(write(descriptor, bytes, bytes.count) == bytes.count, "cannot write to \(folder)")
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard let file = try Folder(folder).file(String(path.dropFirst(folder.utf8.count + 1))) else {
        throw CheckFailure(description: "\(path) does not exist")
    }
    return file
}
