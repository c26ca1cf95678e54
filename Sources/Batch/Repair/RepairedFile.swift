internal import ArchiveIndex

/// A damaged file, and what a repair did about it or would do.
package struct RepairedFile: Encodable, Equatable, Sendable {
    package enum Outcome: String, Encodable, Sendable {
        /// It has its recorded bytes again.
        case restored
        /// A repair that acts would restore it.
        case restorable
        /// It was written again without what no copy has.
        case salvaged
        /// A salvage that acts would write it again without what no copy has.
        case salvageable
        /// Neither the archive nor a copy has what is needed.
        case lost
    }

    /// The path from the archive's root.
    package let path: String
    /// What is wrong with it, as a clause.
    package let cause: String
    package var outcome: Outcome
    /// Where its bytes are from: paths of copies, or what it was derived from.
    package var from: [String]

    /// The index, after it was found to differ from the files.
    package static let rebuiltIndex = RepairedFile(
        path: IndexDatabase.fileName, cause: "its rows differ from the files", outcome: .restored, from: ["the files"])
}
