internal import Archive
internal import DurableFiles
internal import Webhooks

extension RepairRun {
    private static let accessLog = "_access"

    /// Restores the sealed days of the access log from copies. Nothing has the hash of a day that is not sealed.
    mutating func restoreAccessLog() throws {
        let roots = copies.compactMap(\.archive?.root) + [archive.root]
        let names = roots.flatMap { (try? $0.folder(Self.accessLog)?.names(.file)) ?? [] }
        // A seal has the hash of the one before it.
        var hashes: [String: ContentHash] = [:]
        for name in Set(names).sorted(by: >) where name.hasSuffix(".sha256") {
            let known = hashes[name]
            let seal = try part("\(Self.accessLog)/\(name)") { file in
                let bytes = try Self.bytes(file)
                if let known { return ContentHash(of: bytes) == known }
                // Nothing has the hash of the last one: it is taken as it is if what it lists is found.
                return try ChecksumLine.parse(bytes)?.allSatisfy { line in
                    try part("\(Self.accessLog)/\(line.path)") { try Self.hash(of: $0) == line.hash }.file != nil
                } ?? false
            }
            try finish(seal)
            let lines = try seal.file.map { try Self.bytes($0) }.flatMap { ChecksumLine.parse($0) } ?? []
            for line in lines {
                hashes[line.path] = line.hash
                if !line.path.hasSuffix(".sha256") {
                    try finish(part("\(Self.accessLog)/\(line.path)") { try Self.hash(of: $0) == line.hash })
                }
            }
        }
    }
}
