package import Archive
package import Webhooks

extension ArchiveFolder {
    /// Returns the seals of an environment, as parsed from their files, in the order of the chain.
    package func seals(_ environment: Environment) throws -> [Seal] {
        try sealPaths(environment).map { try seal(environment, $0) }.sorted {
            $0.statement.number < $1.statement.number
        }
    }
}
