/// What the index knows of a line of an archive, and the line itself does not have.
package struct IndexedLine: Sendable {
    /// The line number in the archive, starting at 0.
    package let number: Int
    /// The sweep that archived the event.
    package let sweep: Int
    /// The number of times that the event was redelivered.
    package let redeliveries: Int
}
