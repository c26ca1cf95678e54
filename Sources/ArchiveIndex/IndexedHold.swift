/// What must be neither pruned nor erased, until it is released.
package struct IndexedHold: Sendable {
    /// Who decided it, and why. The number of its record is the number of the hold.
    package let decision: IndexSnapshot.Decision
    package let selection: Selection
    /// Who released it, and why; `nil` while it holds.
    package let released: IndexSnapshot.Decision?

    package var number: Int { decision.record }
}
