internal import DurableFiles
package import Webhooks

extension ArchiveFolder {
    /// The folder of a business's archive files or ledgers, or any other folder in such a place.
    package struct BusinessFolder: Sendable {
        /// The path from the archive's root.
        fileprivate let path: String
        package let isOfLedgers: Bool
    }

    /// Returns the folders of all businesses.
    ///
    /// - Parameter environment: The environment, or `nil` for all.
    package func businessFolders(in environment: Environment? = nil) throws -> [BusinessFolder] {
        try (environment.map { [$0] } ?? Environment.allCases).flatMap { environment in
            try folders(in: ArchivePath.environment(environment)).map { BusinessFolder(path: $0, isOfLedgers: false) }
                + folders(in: ArchivePath.ledgers(in: environment)).map { BusinessFolder(path: $0, isOfLedgers: true) }
        }
    }

    /// Calls `body` with the path of each archive file and ledger, and of any other `.gz` file where these belong.
    package func forEachCompressedFile(_ body: (_ path: String) throws -> Void) throws {
        for folder in try businessFolders() { try forEachCompressedFile(in: folder, body) }
    }

    /// Calls `body` with the path of each archive file or ledger in a folder, and of any other `.gz` file where these
    /// belong.
    package func forEachCompressedFile(in folder: BusinessFolder, _ body: (_ path: String) throws -> Void) throws {
        for path in folder.isOfLedgers ? [folder.path] : try folders(in: folder.path) {
            for name in try root.folder(path)?.names() ?? [] where name.hasSuffix(".gz") { try body("\(path)/\(name)") }
        }
    }

    private func folders(in path: String) throws -> [String] {
        try root.folder(path)?.names(.folder).filter { $0.utf8.contains(UInt8(ascii: "=")) }.map { "\(path)/\($0)" }
            ?? []
    }
}
