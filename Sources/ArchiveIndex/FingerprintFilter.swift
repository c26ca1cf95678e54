internal import Webhooks

/// Which fingerprints are certainly not among those that were inserted: a blocked Bloom filter.
///
/// Each fingerprint sets five bits of one word, so to ask is one access to memory (Putze, Sanders and Singler, "Cache-,
/// Hash- and Space-Efficient Bloom Filters", 2007). Fingerprints are the beginning of a SHA-256, so their own bits serve
/// as the hashes. At 16 bits for each, some 1 in 250 of the others is a false positive.
struct FingerprintFilter {
    private var words: [UInt64]

    /// In bytes; where more fingerprints are expected than it holds at 16 bits each, more are false positives.
    private static let most = 32 << 20

    /// - Parameter count: how many fingerprints are expected.
    init(count: Int) {
        let size = MemoryLayout<UInt64>.size
        words = Array(repeating: 0, count: min(max(count, 32) / 4 + 1, Self.most / size))
    }

    mutating func insert(_ fingerprint: Fingerprint) {
        let (place, bits) = bits(of: fingerprint)
        words[place] |= bits
    }

    /// False where the fingerprint was certainly not inserted.
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
