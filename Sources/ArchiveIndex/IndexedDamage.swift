/// A row of the table `damage`: what could not be read when the index was rebuilt.
package struct IndexedDamage: Equatable, Sendable {
    /// The path from the archive's root.
    package let path: String
    /// The lost lines, or `nil` if the file has no lines of its own.
    package let lines: Range<Int>?
    /// What is wrong, as a clause.
    package let cause: String
}
