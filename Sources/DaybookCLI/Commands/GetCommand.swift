internal import Archive
internal import ArchiveIndex
internal import ArgumentParser
internal import Configuring
internal import Glibc
internal import Webhooks

struct GetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Retrieve the compressed archive file of a business and day.",
        discussion: """
            Writes to the file given by -o, or to stdout. The file's hash is checked first: if it differs from the index, \
            nothing is written, and the exit code is 65. The path and SHA-256 are printed on stderr, or as JSON on stdout \
            with --json and -o FILE.
            """)

    @OptionGroup var archive: ReadingOptions

    @Option(help: "sandbox or production. Required if both have this archive file.")
    var environment: Environment?

    @Option(help: "The business, as payloads name it.")
    var business: String?

    @Flag(help: "Events without a business.")
    var unassigned = false

    @Option(help: "The day, as YYYY-MM-DD.")
    var day: CivilDate

    @Option(
        name: [.customShort("o"), .customLong("output")], help: "The file to write or replace; - is stdout.")
    var output: String?

    @OptionGroup var json: JSONOption

    func validate() throws {
        if unassigned == (business != nil) { throw ValidationError("give either --business B or --unassigned") }
        if json.json, file == nil {
            throw ValidationError("--json needs -o FILE, since the archive file itself is written to stdout")
        }
    }

    /// The file to write, or `nil` for stdout.
    private var file: String? { output == Output.stdout ? nil : output }

    private struct Summary: Encodable {
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
            throw Failure(
                .noInput, "there is no archive file of \(name) on \(day); list those there are with `daybook list`")
        }
        guard files.count == 1 else {
            throw Failure(
                .usage,
                "\(name) has archive files in both environments on \(day); add --environment production or --environment sandbox"
            )
        }
        let opened = try GzipFile(file.reference, in: archive)
        if let path = self.file {
            try opened.copy(to: path)
        } else {
            try Output.refuseTerminal("the archive file is compressed")
            // The file is read twice, first to check it: bytes in a pipe cannot be taken back.
            try opened.stream { _ in }
            var stdout = Output()
            try opened.stream { try stdout.write($0) }
            try stdout.flush()
        }
        say(
            "\(file.state.hash)  \(file.path)  \(Display.count(file.state.lines, "event")), \(Display.size(file.state.gzipBytes))"
        )
        if json.json, let output = self.file {
            let summary = Summary(
                path: file.path, sha256: file.state.hash.description, output: output, events: file.state.lines,
                bytes: file.state.gzipBytes)
            try Output.print(json: summary, else: "")
        }
    }
}
