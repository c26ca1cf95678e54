internal import Glibc

/// Reads the secrets in a file, one on each line, which keeps them out of the list of processes. Empty lines and white space
/// around a secret are ignored.
///
/// - Throws: ``Failure`` with 78 if the file cannot be read or has no secret.
package func readSecrets(_ path: String) throws(Failure) -> [String] {
    let text = String(decoding: try readWhole(path), as: UTF8.self)
    let secrets = text.split(whereSeparator: \.isNewline).map { String($0.trimmingSpaces) }.filter { !$0.isEmpty }
    guard !secrets.isEmpty else { throw Failure(.configuration, "\(path) has no secret; write one on each line") }
    return secrets
}

/// Reads a file to its end. It may be a link, or a pipe, through which secrets are often passed.
package func readWhole(_ path: String) throws(Failure) -> [UInt8] {
    func failure() -> Failure { Failure(.configuration, "cannot read \(path): \(String(cString: strerror(errno)))") }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure() }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count == 0 { return bytes }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw failure() }
        bytes += buffer[..<count]
    }
}
