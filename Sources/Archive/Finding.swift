/// A fault in the archive: the file, what is wrong with it, and how to repair it.
package struct Finding: Codable, Equatable, Sendable {
    /// The path of the file, relative to the archive's root.
    package var path: String
    package var what: String
    package var remedy: String

    package init(path: String, what: String, remedy: String) {
        self.path = path
        self.what = what
        self.remedy = remedy
    }
}
