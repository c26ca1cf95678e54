internal import Glibc

extension timespec {
    /// The time in milliseconds since 1970.
    ///
    /// Some filesystems store times beyond the range of `Int64` milliseconds. These are clamped to it.
    var milliseconds: Int64 {
        let limit = Int64.max / 1000 - 1
        return max(-limit, min(limit, Int64(tv_sec))) * 1000 + Int64(tv_nsec) / 1_000_000
    }
}
