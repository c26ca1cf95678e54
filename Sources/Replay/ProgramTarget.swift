internal import Archive
internal import Glibc
internal import Subprocess
internal import SystemPackage
internal import Webhooks

/// Feeds each event's payload to the standard input of a command.
///
/// The command is run by `sh -c`, once for each event, with these variables in its environment: `EVENT_ID`,
/// `EVENT_ENVIRONMENT`, `EVENT_BUSINESS` (unset if unassigned), `EVENT_TYPE`, `EVENT_TIME`, `EVENT_SHA256`, and `REPLAY_RUN`.
///
/// Status 0 acknowledges the event. Status 75 (EX_TEMPFAIL of sysexits(3)) and a signal ask for another attempt, 126 and 127
/// mean that the command cannot be run, and any other status refuses the event.
package struct ProgramTarget: Sendable {
    let command: String
    /// The longest time that the command may run for one event.
    private let timeout: Duration

    package init(_ command: String, timeout: Duration) {
        self.command = command
        self.timeout = timeout
    }

    func deliver(_ event: EventLine, run: String, acknowledged: (Int) throws -> Void) async throws {
        let status = try await status(event, run: run)
        switch status {
        case .exited(0): try acknowledged(0)
        case .exited(75): throw DeliveryFailure(.temporary, "ended with status 75")
        case .exited(let code) where code == 126 || code == 127:
            throw DeliveryFailure(.target, "cannot be run: the shell ended with status \(code)")
        case .exited(let code): throw DeliveryFailure(.event, "ended with status \(code)")
        case .signaled(let signal): throw DeliveryFailure(.temporary, "was ended by signal \(signal)")
        }
    }

    private func status(_ event: EventLine, run: String) async throws -> TerminationStatus {
        let variables: [Subprocess.Environment.Key: String?] = [
            "EVENT_ID": event.id.description, "EVENT_ENVIRONMENT": event.environment.rawValue,
            "EVENT_BUSINESS": event.business.name, "EVENT_TYPE": event.type, "EVENT_TIME": event.time.description,
            "EVENT_SHA256": event.hash.description, "REPLAY_RUN": run,
        ]
        var options = PlatformOptions()
        // The whole group gets the signals below, not the shell alone.
        options.processGroupID = 0
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(2))
        ]
        let (shell, timeout) = (options, timeout)
        let input = try Self.file(with: event.payload)
        return try await withThrowingTaskGroup(of: TerminationStatus?.self) { group in
            group.addTask {
                do {
                    return try await Subprocess.run(
                        .name("sh"), arguments: ["-c", command], environment: .inherit.updating(variables),
                        platformOptions: shell, input: .fileDescriptor(input, closeAfterSpawningProcess: true),
                        output: .currentStandardOutput, error: .currentStandardError
                    ).terminationStatus
                } catch let error as SubprocessError {
                    throw DeliveryFailure(.temporary, "cannot be run: \(error)")
                }
            }
            group.addTask {
                try await Task.sleep(for: timeout)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let status = first else {
                throw DeliveryFailure(.temporary, "did not end within \(timeout)")
            }
            return status
        }
    }

    /// Returns a temporary file without a name, from whose beginning a payload can be read.
    ///
    /// (A pipe would have to be written to while the command runs, which may neither read nor end.)
    private static func file(with payload: [UInt8]) throws -> FileDescriptor {
        guard let file = tmpfile() else {
            throw DeliveryFailure(
                .temporary, "cannot be run: no temporary file can be made: \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        guard fwrite(payload, 1, payload.count, file) == payload.count, fflush(file) == 0 else {
            throw DeliveryFailure(
                .temporary, "cannot be run: no temporary file can be written: \(String(cString: strerror(errno)))")
        }
        rewind(file)
        return try FileDescriptor(rawValue: fileno(file)).duplicate()
    }
}
