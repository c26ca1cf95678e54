internal import Archive

/// Where a replay delivers events.
package enum ReplayTarget: Sendable {
    case url(HTTPTarget)
    case program(ProgramTarget)

    /// The target as messages name it.
    package var name: String {
        switch self {
        case .url(let target): target.url.shown
        case .program(let target): target.command
        }
    }

    /// The target as the journal has it, whole.
    package var text: String {
        switch self {
        case .url(let target): target.url.text
        case .program(let target): target.command
        }
    }

    /// Releases what the target needs. It must be called once.
    package func close() async throws {
        if case .url(let target) = self { try await target.close() }
    }

    /// Delivers an event once.
    ///
    /// - Parameters:
    ///   - run: The id of the replay.
    ///   - acknowledged: Called as soon as the target has acknowledged the event, before anything else is awaited.
    ///     It gets the HTTP status, or the exit status of the program.
    /// - Throws: ``DeliveryFailure``; any error that `acknowledged` throws.
    func deliver(_ event: EventLine, run: String, acknowledged: (Int) throws -> Void) async throws {
        switch self {
        case .url(let target): try await target.deliver(event, run: run, acknowledged: acknowledged)
        case .program(let target): try await target.deliver(event, run: run, acknowledged: acknowledged)
        }
    }
}
