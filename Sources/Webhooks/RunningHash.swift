internal import Crypto

/// A SHA-256 that is computed piece by piece.
package struct RunningHash: Sendable {
    private var state = SHA256()

    package init() {}
    package mutating func add(_ bytes: UnsafeRawBufferPointer) { state.update(bufferPointer: bytes) }
    package mutating func add(_ bytes: [UInt8]) { bytes.withUnsafeBytes { state.update(bufferPointer: $0) } }
    package mutating func add(_ bytes: ArraySlice<UInt8>) { bytes.withUnsafeBytes { state.update(bufferPointer: $0) } }

    /// The hash of all bytes added so far. More bytes can be added afterwards.
    package var value: ContentHash { ContentHash(state.finalize()) }
}
