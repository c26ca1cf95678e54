/// The progress of a committed sweep.
package enum SweepState: String, Sendable {
    /// The sweep's files may still be in the staging folder.
    case committed
    /// The sweep's files have their final names. The spool may still contain the deliveries that it archived.
    case published
    case cleared
}
