internal import Spool
internal import Webhooks

/// An entry of the spool that a sweep decides on.
struct PlannedEntry {
    let index: SweepPlan.EntryIndex
    let entry: SpoolEntry
    /// The id under which the delivery is kept: the entry's own, or another if the index has that one for other bytes.
    var id: DeliveryID
    let environment: Environment
    /// The day of receipt, in the archive's time zone.
    let day: CivilDate

    /// The time of receipt.
    var time: Timestamp { entry.time }
}
