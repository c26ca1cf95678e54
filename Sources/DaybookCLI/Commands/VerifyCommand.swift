internal import AccessLog
internal import Archive
internal import ArchiveIndex
internal import ArgumentParser
internal import AuditorPage
internal import Configuring
internal import Verify
internal import Webhooks

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check every hash, link, count, and sum.",
        discussion: """
            Reads everything, takes no lock, and can run during a sweep. If something is wrong, prints each finding with \
            its remedy, and exits with 65. A seal covers all businesses, so with --business only the chain of seals is \
            checked.
            """)

    @OptionGroup var archive: ReadingOptions
    @OptionGroup var access: AccessOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var json: JSONOption

    @Option(help: "An allowed-signers file (ssh-keygen(1)). Every seal must then be signed by one of these signers.")
    var allowedSigners: String?

    func run() throws {
        let settings = try archive.settings()
        let signers = try settings.value(.allowedSigners, flag: allowedSigners)
        // Without this, every seal would seem to have a bad signature.
        if let signers { _ = try readWhole(signers) }
        let opened = try archive.open()
        let progress = try FileProgress(of: totalSize(opened, selection.selection))
        var report = try Verification(
            opened, selection.selection, allowedSigners: signers, pipeline: settings.pipeline()
        ) {
            progress("reading", $0, $1)
        }.run()
        report.findings += try access.existing(of: archive.archive)?.findings() ?? []
        try Output.print(json: json.json ? report : nil, else: report.text)
        if !report.findings.isEmpty {
            throw Failure(
                .data, "\(Display.count(report.findings.count, "thing is", plural: "things are")) not as promised")
        }
        if !json.json { say("all is as promised") }
    }
}

extension Verification.Report {
    fileprivate var text: String {
        findings.map { "\($0.path): \($0.what)\n  → \($0.remedy)\n" }.joined()
            + [
                Display.count(archives, "archive"), Display.count(ledgers, "ledger"), Display.count(events, "event"),
                Display.count(redeliveries, "redelivery", plural: "redeliveries"), "\(quarantined) quarantined",
                Display.count(seals, "seal") + (signatures > 0 ? " (\(signatures) signed)" : ""),
                Display.count(sweeps, "sweep"),
                Display.size(bytes),
            ].joined(separator: ", ") + "\n"
    }
}
