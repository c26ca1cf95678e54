/// The names that an open object has had so far.
///
/// Up to ``limit`` names are stored at the end of ``JSONScanner/names``, a list that all open objects share and that
/// shrinks as they close: an object of usual size allocates nothing. Beyond that, or once a name contains escapes, they
/// are stored in a separate set. It hashes with the process's random seed, so a sender cannot construct an object that
/// makes it slow.
struct SeenNames {
    /// The number of names up to which comparing them with one another is faster than hashing.
    static let limit = 32

    /// The index of the object's first name in ``JSONScanner/names``.
    var first = 0
    /// The ``NameKey/bit`` of each name. A name whose bit is not set is new.
    var filter: UInt64 = 0
    /// Whether the names are in the last set of ``JSONScanner/largeObjects``.
    var isLarge = false
}
