internal import ArchiveIndex
internal import ArgumentParser
internal import Configuring
internal import Evidence
internal import Webhooks

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write an evidence bundle: archives, ledgers, seals, and a script that checks them.",
        discussion: """
            The bundle is a BagIt bag (RFC 8493), as a folder or a .tar, of one business or, without --business, of all. It \
            contains no data of other businesses. In it, `sh data/check.sh` verifies everything with ordinary tools and \
            without Daybook. An existing file is never overwritten. If a file is not as promised, the exit code is 65 and no \
            bundle is written; on stdout, the .tar ends before it is complete.
            """)

    @OptionGroup var archive: ReadingOptions
    @OptionGroup var selection: SelectionOptions

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: "The folder, or FILE.tar, to create; - is a .tar on stdout.")
    var output: String

    @Option(help: "An allowed-signers file (ssh-keygen(1)) to include in the bundle.")
    var allowedSigners: String?

    @OptionGroup var json: JSONOption

    func validate() throws {
        try selection.requireOneBusiness("a bundle is of one business or of all")
        if json.json, output == Output.stdout {
            throw ValidationError("--json needs -o PATH, since the bundle itself is written to stdout")
        }
    }

    func run() throws {
        let settings = try archive.settings()
        let opened = try archive.open()
        let progress = try FileProgress(of: totalSize(opened, selection.selection))
        let export = Export(
            opened, selection.selection,
            allowedSigners: try settings.value(.allowedSigners, flag: allowedSigners),
            program: "Daybook \(Daybook.configuration.version)", at: .now, pipeline: try settings.pipeline()
        ) { progress("copying", $0, $1) }
        let report = output == Output.stdout ? try toStdout(export) : try export.write(to: output)
        if json.json { try Output.print(json: report, else: "") } else { say(report.text(output)) }
    }
}

extension ExportCommand {
    private func toStdout(_ export: Export) throws -> Export.Report {
        try Output.refuseTerminal("the bundle is a .tar")
        var stdout = Output()
        let report = try export.stream(as: "daybook-export") { try stdout.write($0) }
        try stdout.flush()
        return report
    }
}

extension Export.Report {
    fileprivate func text(_ output: String) -> String {
        let contents = [
            Display.count(archives, "archive"), Display.count(ledgers, "ledger"), Display.count(events, "event"),
            Display.count(redeliveries, "redelivery", plural: "redeliveries"), "\(quarantined) quarantined",
            "\(Display.count(seals, "seal")) (\(signatures) signed)", Display.size(bytes),
        ].joined(separator: ", ")
        var lines = ["\(output): \(contents)"]
        if unsealed > 0 { lines.append("not sealed yet, so not proven: \(Display.count(unsealed, "day"))") }
        if late > 0 {
            lines.append("left out, since they arrived after their day was sealed: \(Display.count(late, "line"))")
        }
        return (lines + ["\(sha256)  tagmanifest-sha256.txt"]).joined(separator: "\n")
    }
}
