package import DurableFiles
internal import Glibc
package import Webhooks

extension EnvironmentSpool {
    /// The contents of an entry's files.
    package struct Contents: Sendable {
        /// The payload, or `nil` if it is larger than ``payloadLimit``.
        package var payload: [UInt8]?
        package var hash: ContentHash
        /// The size of the payload, in bytes.
        package var size: Int
        /// The bytes of the sidecar, or `nil` if there is none.
        package var headers: [UInt8]?

        init(payload: [UInt8]?, hash: ContentHash, size: Int, headers: [UInt8]?) {
            self.payload = payload
            self.hash = hash
            self.size = size
            self.headers = headers
        }

        /// The contents of an entry with this payload.
        package init(of payload: [UInt8], headers: [UInt8]?) {
            self.init(
                payload: payload.count <= payloadLimit ? payload : nil, hash: ContentHash(of: payload),
                size: payload.count, headers: headers)
        }
    }

    /// The size of the largest payload that a sweep archives, in bytes. It is well above the receiver's own limit.
    package static var payloadLimit: Int { 16 << 20 }

    /// Reads an entry. A payload above ``payloadLimit`` is hashed, but not returned.
    package func read(_ entry: SpoolEntry) throws(FileError) -> Contents {
        let file = try payloadFile(of: entry)
        let headers = entry.hasSidecar ? try new.contents(of: entry.name.sidecar) : nil
        guard file.size <= Self.payloadLimit else {
            return Contents(payload: nil, hash: try hash(of: file, after: ""), size: file.size, headers: headers)
        }
        let payload = try file.read(at: 0, count: file.size)
        return Contents(of: payload, headers: headers)
    }

    /// Opens the payload of an entry.
    ///
    /// - Throws: ``FileError`` with `ENOENT` if it no longer exists.
    func payloadFile(of entry: SpoolEntry) throws(FileError) -> ReadFile {
        let name = entry.name.body
        guard let file = try new.file(name) else { throw FileError(.open, new.path(of: name), code: ENOENT) }
        return file
    }

    /// Returns the hash of some text followed by the contents of a file.
    func hash(of file: ReadFile, after prefix: String) throws(FileError) -> ContentHash {
        var hash = RunningHash()
        hash.add(Array(prefix.utf8))
        try file.forEachPiece { hash.add($0) }
        return hash.value
    }
}
