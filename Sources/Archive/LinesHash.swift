package import Webhooks

/// The hash of a file's lines, each by its own hash: the SHA-256 of the concatenation of each line's SHA-256, as 64 hex
/// digits and LF.
///
/// A ``Tombstone`` counts with the hash of the line that it replaced. So the hash does not change when a line is erased,
/// and a seal that has it still proves every other line. `sha256sum` and `cut` compute it too.
package struct LinesHash: Sendable {
    private var hash = RunningHash()

    package init() {}

    /// Adds a line, without its LF.
    package mutating func add(_ line: UnsafeRawBufferPointer) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: ContentHash.textCount + 1) { text in
            (Tombstone.lineHash(in: line) ?? ContentHash(of: line)).write(
                to: UnsafeMutableBufferPointer(rebasing: text.prefix(ContentHash.textCount)))
            text[ContentHash.textCount] = UInt8(ascii: "\n")
            hash.add(UnsafeRawBufferPointer(text))
        }
    }

    package var value: ContentHash { hash.value }
}
