internal import Archive
internal import ArchiveIndex
internal import ArgumentParser
internal import Configuring
internal import Glibc
internal import Webhooks

struct GetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "A compressed daily archive, its hash checked as it is handed out.",
        discussion: """
            To a file with -o, else to stdout. Nothing is handed out that is not as the index has it: then it ends with 65. \
            What it was, with its SHA-256, is said on stderr, and with --json on stdout, which needs -o.
            """)

    @OptionGroup var archive: ArchiveOptions

    @Option(help: "sandbox or production; needed where both have such an archive.")
    var environment: Environment?

    @Option(help: "The business, by the name that payloads give.")
    var business: String?

    @Flag(help: "What no payload gave a business for.")
    var unassigned = false

    @Option(help: "The day: YYYY-MM-DD.")
    var day: CivilDate

    @Option(
        name: [.customShort("o"), .customLong("output")], help: "The file to write, in place of what stands there.")
    var output: String?

    @OptionGroup var json: JSONOption

    func validate() throws {
        if unassigned == (business != nil) { throw ValidationError("name one: --business B, or --unassigned") }
        if json.json, output == nil {
            throw ValidationError("--json needs -o FILE, since the archive itself goes to stdout")
        }
    }

    private struct Told: Encodable {
        let path, sha256, output: String
        let events, bytes: Int
    }

    func run() throws {
        let archive = try archive.open()
        let wanted = Selection(
            environment: environment, business: unassigned ? .unassigned : business.map { .named($0) }, from: day,
            to: day)
        let files = try IndexDatabase.open(forReadingIn: archive).read { try $0.files(.archives, wanted) }
        let name = business ?? "unassigned"
        guard let file = files.first else {
            throw Failure(.noInput, "there is no archive of \(name) on \(day); see `daybook list`")
        }
        guard files.count == 1 else {
            throw Failure(
                .usage, "\(name) has archives of both environments on \(day); say --environment production or sandbox")
        }
        let opened = try GzipFile(file.reference, in: archive)
        if let output {
            try opened.copy(to: output)
        } else {
            guard isatty(STDOUT_FILENO) == 0 else {
                throw Failure(.usage, "stdout is a terminal, and the archive is compressed; give -o FILE, or pipe it")
            }
            // Once to check it, and once more to hand it out: a pipe cannot be taken back.
            try opened.stream { _ in }
            var stdout = Output()
            try opened.stream { try stdout.write($0) }
            try stdout.flush()
        }
        say(
            "\(file.state.hash)  \(file.path)  \(Display.count(file.state.lines, "event")), \(Display.size(file.state.gzipBytes))"
        )
        if json.json, let output {
            let told = Told(
                path: file.path, sha256: file.state.hash.description, output: output, events: file.state.lines,
                bytes: file.state.gzipBytes)
            try Output.print(json: told, else: "")
        }
    }
}
