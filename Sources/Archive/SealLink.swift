/// What a seal says of the seal before it in the chain.
package struct SealLink: Equatable, Sendable {
    /// The number in the chain.
    package var number: Int
    /// The time of the seal, RFC 3339 in UTC.
    package var sealed: String
    /// The path and hash.
    package var line: ChecksumLine

    package init(number: Int, sealed: String, line: ChecksumLine) {
        self.number = number
        self.sealed = sealed
        self.line = line
    }
}
