package import DurableFiles

/// The result of listing `new/`.
package struct SpoolScan: Sendable {
    /// The entries, sorted by (receipt time, id).
    package var entries: [SpoolEntry] = []
    /// Why entries could not be read. They are still in the spool.
    package var unreadable: [FileError] = []
    /// A sentence about each file or folder that is not an entry. The sweep leaves them alone.
    package var odd: [String] = []
    /// The sidecars that belong to no entry of this scan.
    var orphans: [String] = []
}
