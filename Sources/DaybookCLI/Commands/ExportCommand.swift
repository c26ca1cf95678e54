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
            A BagIt bag (RFC 8493) of one business, or without --business of all, as a folder or a .tar. It shows nothing of \
            another business. In it, `sh data/check.sh` verifies everything with ordinary tools and without Daybook. \
            Nothing is overwritten; nothing is left behind where something is not as promised: then it ends with 65.
            """)

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var selection: SelectionOptions

    @Option(name: [.customShort("o"), .customLong("output")], help: "The folder, or FILE.tar, to make.")
    var output: String

    @Option(help: "A file of who may sign, as in ssh-keygen(1), to include in the bundle.")
    var allowedSigners: String?

    @OptionGroup var json: JSONOption

    func run() throws {
        let opened = try archive.open()
        let progress = try FileProgress(sizes(opened, selection.selection))
        let export = Export(
            opened, selection.selection,
            allowedSigners: try archive.settings().value(.allowedSigners, flag: allowedSigners),
            program: "Daybook \(Daybook.configuration.version)",
            at: .now
        ) { progress("copying", $0) }
        let report = try export.write(to: output)
        if json.json { try Output.print(json: report, else: "") } else { say(report.text(output)) }
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
        if unsealed > 0 { lines.append("not sealed yet, and so not proven: \(Display.count(unsealed, "day"))") }
        if late > 0 { lines.append("left out, since they came after their day's seal: \(Display.count(late, "line"))") }
        return (lines + ["\(sha256)  tagmanifest-sha256.txt"]).joined(separator: "\n")
    }
}
