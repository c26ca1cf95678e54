internal import DurableFiles
internal import Glibc

/// A file of these bytes, in memory where the machine has a filesystem there; its name is gone when this returns.
func scratchFile(_ bytes: [UInt8]) throws -> ReadFile {
    let folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    var template = Array("\(folder)/daybook-fuzzed-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    try hold(descriptor >= 0, "\(folder) takes no file")
    defer {
        close(descriptor)
        unlink(template)
    }
    try hold(write(descriptor, bytes, bytes.count) == bytes.count, "\(folder) is full")
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard let file = try Folder(folder).file(String(path.dropFirst(folder.utf8.count + 1))) else {
        throw Broken(description: "\(path) is gone")
    }
    return file
}
