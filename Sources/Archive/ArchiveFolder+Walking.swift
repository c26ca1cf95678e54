internal import DurableFiles
package import Webhooks

extension ArchiveFolder {
    /// Calls `body` with the path of each archive file and ledger, and of any other `.gz` file where these belong.
    ///
    /// - Parameter environment: The environment, or `nil` for all.
    package func forEachCompressedFile(
        in environment: Environment? = nil, _ body: (_ path: String) throws -> Void
    ) throws {
        for environment in environment.map({ [$0] }) ?? Environment.allCases {
            try walk(ArchivePath.environment(environment), depth: 2, body)
            try walk(ArchivePath.ledgers(in: environment), depth: 1, body)
        }
    }

    private func walk(_ path: String, depth: Int, _ body: (String) throws -> Void) throws {
        guard let folder = try root.folder(path) else { return }
        if depth == 0 {
            for name in try folder.names() where name.hasSuffix(".gz") { try body("\(path)/\(name)") }
        } else {
            for name in try folder.names(.folder) where name.contains("=") {
                try walk("\(path)/\(name)", depth: depth - 1, body)
            }
        }
    }
}
