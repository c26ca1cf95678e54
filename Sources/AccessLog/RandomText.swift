internal import Crypto
internal import Webhooks

/// Text that cannot be guessed.
package enum RandomText {
    /// Returns 256 bits from the system's random number generator, as 64 hex digits.
    package static func make() -> String {
        Hex.encode(SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) })
    }
}
