package import Webhooks

/// A business's statement for a day: `_seals/<day>/<name>.json`.
package struct LeafStatement: Codable, Equatable, Sendable {
    package var environment: Environment
    /// The business; absent if unassigned.
    package var business: String?
    package var day: String
    package var revision: Int
    package var archived: Int
    package var redelivered: Int
    package var quarantined: Int
    package var released: Int
    package var discarded: Int
    package var archive: File?
    package var ledger: File?

    package struct File: Codable, Equatable, Sendable {
        /// The path, relative to the environment's folder.
        package var path: String
        package var lines: Int
        /// The ``LinesHash`` of the lines.
        package var linesSHA256: String
        /// The size in bytes.
        package var textBytes: Int
        package var textSHA256: String
        /// The size in bytes.
        package var gzipBytes: Int
        package var gzipSHA256: String

        enum CodingKeys: String, CodingKey {
            case path, lines
            case linesSHA256 = "lines_sha256"
            case textBytes = "text_bytes"
            case textSHA256 = "text_sha256"
            case gzipBytes = "gzip_bytes"
            case gzipSHA256 = "gzip_sha256"
        }
    }
}
