/// The location of a state of a compressed file.
package struct GzipReference: Hashable, Sendable {
    /// The path, relative to the archive's root.
    package var path: String
    package var state: GzipState
    /// The sweep that wrote the state. Until that sweep is published, the state is in its staging.
    package var sweep: Int

    package init(path: String, state: GzipState, sweep: Int) {
        self.path = path
        self.state = state
        self.sweep = sweep
    }
}
