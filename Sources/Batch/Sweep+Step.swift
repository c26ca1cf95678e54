extension Sweep {
    /// The steps of a sweep, in order, as `sweep --json` reports the time they took.
    package enum Step: String, CaseIterable, Sendable {
        /// Taking the locks, opening the index, and completing or undoing an interrupted sweep.
        case recovering
        case scanning
        /// Reading and parsing payloads, looking for earlier deliveries, and adding rows to the index.
        case deciding
        /// Compressing lines into files.
        case staging
        /// Making these files durable, and the record that lists them.
        case recording
        case committing
        /// Renaming files to their final names.
        case publishing
        /// Removing from the spool the entries that the archive or the quarantine now holds.
        case clearing
        /// Reading back the days that are over, sealing them, and signing the seals.
        case sealing
    }
}
