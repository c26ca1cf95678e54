internal import Archive
internal import ArgumentParser
internal import Batch
internal import Configuring
internal import Foundation
internal import Verify
internal import Webhooks

struct RepairCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair", abstract: "Restore damaged files to their recorded bytes.",
        discussion: """
            Without --yes, nothing is restored: each damaged file is printed, with what it would be restored from. A file is \
            put together block by block from all copies, which may be older, newer, or damaged in other places, and must have \
            the recorded hash. Records, seals, leaves, and the index are derived from the files where no copy has them. \
            At the end, everything is verified. Exits with 65 if damage is left.

            With --salvage, archive files and ledgers that cannot be restored are written again from their whole blocks: a \
            tombstone is in the place of each lost event, with what the index knows of it. A record says who decided that, and \
            why. It cannot be undone, even if a copy turns up later.
            """)

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var json: JSONOption

    @Option(
        name: .customLong("from"),
        help: "The folder of a copy of the archive, or of an unpacked evidence bundle. Can be repeated.")
    var copies: [String] = []

    @Flag(help: "Restore the files.")
    var yes = false

    @Flag(help: "Write files that no copy has again without what is lost. Needs --reason.")
    var salvage = false

    @Option(help: "Why lost lines are given up. The record keeps it for ever.")
    var reason: String?

    @Option(help: "The person who decides that, as the record keeps it. (default: the user's name)")
    var by: String?

    func validate() throws {
        let hasReason = reason.map { !$0.allSatisfy(\.isWhitespace) } ?? false
        if salvage != hasReason { throw ValidationError("--salvage and --reason REASON belong together") }
    }

    private var salvager: Decider? {
        reason.map { Decider(name: by ?? NSUserName(), reason: $0, at: .now) }
    }

    private struct Report: Encodable {
        let files: [RepairedFile]
        /// The number of things that verification found after the repair, or `nil` if nothing was changed.
        let findings: Int?
    }

    func run() throws {
        let path = try archive.path()
        let pipeline = try archive.settings().pipeline()
        let progress = Progress()
        var files = try Repair(path, from: copies, acts: yes, salvager: salvager, pipeline: pipeline) {
            progress("reading \($0)")
        }.run()
        var findings: Int?
        if yes {
            var found = try Verification(archive.open(), pipeline: pipeline).run().findings
            // What is wrong with the index shows only now that the files are whole.
            if found.contains(where: { $0.remedy == Verification.reindex }) {
                try Recovery.reindex(path) { _, _, _ in }
                files.append(.rebuiltIndex)
                found = try Verification(archive.open(), pipeline: pipeline).run().findings
            }
            for it in found { say("\(it.path): \(it.what)\n  → \(it.remedy)") }
            findings = found.count
        }
        try Output.print(json: json.json ? Report(files: files, findings: findings) : nil, else: Self.text(files))
        let lost = files.count { $0.outcome == .lost }
        let salvaged = files.count { $0.outcome == .salvaged || $0.outcome == .salvageable }
        let damaged = Display.count(files.count, "file is", plural: "files are")
        if files.isEmpty, findings ?? 0 == 0 { return say("no file is damaged") }
        guard yes else {
            throw Failure(
                .data,
                lost > 0
                    ? "\(damaged) damaged, and \(lost) of them cannot be restored; name more copies with --from, or give "
                        + "up what is lost with --salvage"
                    : salvaged > 0
                        ? "\(damaged) damaged, and \(salvaged) of them can be salvaged; run this again with --yes"
                        : "\(damaged) damaged and can be restored; run this again with --yes")
        }
        guard lost == 0, findings == 0 else {
            throw Failure(
                .data, "\(files.count - lost) of \(damaged) restored, and damage is left; name more copies with --from")
        }
        let restored = Display.count(files.count - salvaged, "file was", plural: "files were")
        say("\(restored) restored\(salvaged > 0 ? ", \(salvaged) salvaged" : ""); all is as promised")
    }

    private static func text(_ files: [RepairedFile]) -> String {
        files.map { file in
            let source = file.from.joined(separator: " and ")
            let outcome =
                switch file.outcome {
                case .restored: "restored from \(source)"
                case .restorable: "can be restored from \(source)"
                case .salvaged: "salvaged from \(source)"
                case .salvageable: "can be salvaged from \(source)"
                case .lost: "cannot be restored"
                }
            return "\(file.path): \(file.cause)\n  → \(outcome)\n"
        }.joined()
    }
}
