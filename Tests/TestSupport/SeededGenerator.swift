internal import Foundation

/// Random numbers that can be had again: the seed is printed, and taken from `DAYBOOK_SEED` where that is set.
///
/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    package init(_ purpose: String = #function) {
        let seed = ProcessInfo.processInfo.environment["DAYBOOK_SEED"].flatMap { UInt64($0) }
        state = seed ?? .random(in: .min ... .max)
        print("\(purpose): DAYBOOK_SEED=\(state)")
    }

    /// The same numbers as any other of this seed has.
    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
