internal import ArgumentParser

struct Daybook: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daybook",
        abstract:
            "Keeps every webhook that a provider sends: one gzip file for each business and day, provable with ordinary tools.",
        discussion: """
            Every option can also be set in the environment (--time-zone is DAYBOOK_TIME_ZONE) or in the JSON file given by \
            --config. Options take precedence over the environment, and the environment over the file.

            Data goes to stdout, messages to stderr.

            Exit codes: 0 success, 64 wrong arguments, 65 data not as promised, 66 not found, 69 unavailable, 73 cannot \
            create a file, 74 cannot read or write, 75 another process holds the lock, 77 refused because of a hold, 78 wrong \
            configuration.
            """,
        version: "0.1.0",
        subcommands: [
            DemoCommand.self, SweepCommand.self, IngestCommand.self, ListCommand.self, GetCommand.self,
            EventsCommand.self, StatsCommand.self, TablesCommand.self, ReplayCommand.self, VerifyCommand.self,
            RepairCommand.self, ExportCommand.self, ReindexCommand.self, QuarantineCommand.self, EraseCommand.self,
            PruneCommand.self, HoldCommand.self, DoctorCommand.self,
            AuditorsCommand.self, ServeCommand.self,
        ])
}
