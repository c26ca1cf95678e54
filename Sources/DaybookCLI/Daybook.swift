internal import ArgumentParser

struct Daybook: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daybook",
        abstract: "Keeps every webhook you are sent: one gzip file a business a day, provable with ordinary tools.",
        discussion: """
            Every option may also stand in the environment (--time-zone is DAYBOOK_TIME_ZONE) or in the JSON file that \
            --config names. An option is stronger than the environment, that is stronger than the file.

            Data goes to stdout, messages to stderr.

            Exit codes: 0 done, 64 wrong arguments, 65 the data is not as promised, 66 no such thing, 69 something \
            needed is not to be had, 73 cannot make a file, 74 cannot read or write, 75 another sweep holds the lock, \
            78 configuration, time zone, newer format.
            """,
        version: "0.1.0",
        subcommands: [
            DemoCommand.self, SweepCommand.self, ListCommand.self, GetCommand.self, EventsCommand.self,
            StatsCommand.self, VerifyCommand.self, ExportCommand.self, ReindexCommand.self, QuarantineCommand.self,
            DoctorCommand.self, AuditorsCommand.self, ServeCommand.self,
        ])
}
