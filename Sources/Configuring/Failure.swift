/// An error that the operator can do something about. It ends the program.
package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    package let status: ExitStatus
    /// One sentence without the program's name: what happened, to what, why, and what to do.
    package let description: String

    package init(_ status: ExitStatus, _ sentence: String) {
        self.status = status
        description = sentence
    }
}
