internal import ArgumentParser
internal import Batch
internal import Configuring
internal import Diagnosis
internal import Tables
internal import Webhooks

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Report problems of the configuration, spool, and archive, with remedies.",
        discussion: """
            Also shows what payloads look like: which pointers find a business (a good one matches often and has few \
            values), which headers were sent, and how retries differ. Changes nothing. If something is wrong, the exit code \
            is 65.
            """)

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var spool: SpoolOptions
    @OptionGroup var pythonOption: PythonOption
    @OptionGroup var json: JSONOption
    @OptionGroup(title: "Payload rules") var rules: RuleOptions

    func run() throws {
        let settings = try archive.settings()
        var configuration = Sweep.Configuration(spool: try spool.path(settings), archive: try archive.path())
        try rules.apply(to: &configuration, settings)
        var report = try Doctor(
            spool: configuration.spool, archive: configuration.archive, rules: configuration.rules, now: .now
        ).run()
        // Whoever has not chosen a Python may never need one.
        if let python = try pythonOption.chosen(settings) { report.examine(python) }
        try Output.print(json: json.json ? report : nil, else: report.text)
        let wrong = report.findings.count { $0.severity == .wrong }
        if wrong > 0 { throw Failure(.data, "\(Display.count(wrong, "thing is", plural: "things are")) wrong") }
    }
}

extension Doctor.Report {
    fileprivate mutating func examine(_ python: PythonProgram) {
        do {
            try python.check()
        } catch {
            findings.append(
                Doctor.Problem(
                    severity: .wrong, what: "`daybook tables` cannot run: \(error)",
                    remedy: "correct the setting python, or leave it out"))
        }
    }

    fileprivate var text: String {
        var text = findings.map { "\($0.severity.rawValue): \($0.what)\n  → \($0.remedy)\n" }.joined()
        text +=
            "\(pending) pending, \(quarantined) in quarantine, \(redelivered) redelivered, \(differing) of them differing\n"
        text += "\(sampled) payloads read: \(unreadable) cannot be parsed, \(unassigned) name no business\n"
        var table = Table(["POINTER", "MATCHED", "VALUES", "VALUES/MATCHED"], numeric: [1, 2, 3])
        for row in pointers where row.matched > 0 {
            let ratio = (Double(row.distinct) / Double(row.matched) * 1000).rounded() / 1000
            table.add([row.pointer, "\(row.matched)", "\(row.distinct)", "\(ratio)"])
        }
        text += "\n\(table.text)"
        for (name, count) in headers.sorted(by: { $0.key < $1.key }) { text += "header \(name): \(count)\n" }
        return text
    }
}
