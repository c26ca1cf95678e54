package import DurableFiles
package import Webhooks

/// One environment's part of the spool.
package struct EnvironmentSpool: Sendable {
    package let environment: Environment
    package let tmp: Folder
    package let new: Folder
    package let quarantine: Folder
    /// The sync of ``new`` that concurrent receptions share.
    let newNames: GroupSync

    init(environment: Environment, tmp: Folder, new: Folder, quarantine: Folder) {
        self.environment = environment
        self.tmp = tmp
        self.new = new
        self.quarantine = quarantine
        newNames = GroupSync { () throws(FileError) in try new.sync() }
    }
}
