/// The name of a member, as a range of the text.
struct MemberName {
    var key: NameKey
    /// The range of the name without its quotes.
    var range: Range<Int>
}
