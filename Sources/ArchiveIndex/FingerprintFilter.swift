internal import Webhooks

/// A blocked Bloom filter of fingerprints: it answers which fingerprints were certainly not inserted.
///
/// Each fingerprint sets five bits of one word, so a query is one memory access (Putze, Sanders and Singler, "Cache-,
/// Hash- and Space-Efficient Bloom Filters", 2007). A fingerprint is the beginning of a SHA-256, so its own bits
/// serve as the hashes. At 16 bits for each fingerprint, about 1 in 250 of the others is a false positive.
struct FingerprintFilter {
    private var words: [UInt64]

    /// The size limit in bytes. If the expected fingerprints do not fit at 16 bits each, more of the answers are
    /// false positives.
    private static let most = 32 << 20

    /// - Parameter count: The number of fingerprints that are expected.
    init(count: Int) {
        let size = MemoryLayout<UInt64>.size
        words = Array(repeating: 0, count: min(max(count, 32) / 4 + 1, Self.most / size))
    }

    mutating func insert(_ fingerprint: Fingerprint) {
        let (place, bits) = bits(of: fingerprint)
        words[place] |= bits
    }

    /// Returns `false` if the fingerprint was certainly not inserted.
    func mayHold(_ fingerprint: Fingerprint) -> Bool {
        let (place, bits) = bits(of: fingerprint)
        return words[place] & bits == bits
    }

    private func bits(of fingerprint: Fingerprint) -> (place: Int, bits: UInt64) {
        fingerprint.withBytes { bytes in
            let (high, low) = (bytes.load(as: UInt64.self), bytes.load(fromByteOffset: 8, as: UInt64.self))
            var bits: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 30, by: 6) { bits |= 1 << (low >> shift & 63) }
            return (Int(high.multipliedFullWidth(by: UInt64(words.count)).high), bits)
        }
    }
}
