internal import AccessLog
internal import Archive
internal import ArgumentParser
internal import AuditorPage
internal import Configuring
internal import Foundation
internal import Webhooks

struct AuditorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "auditors",
        abstract: "Manage who may see what on the auditors' page, and print what they have seen.",
        subcommands: [Add.self, List.self, Revoke.self, Log.self])

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Grant an auditor access, and print the token, once.",
            discussion:
                "The token is printed on stdout. Only its hash is stored: if a token is lost, revoke the grant and add another."
        )

        @OptionGroup var archive: ArchiveOptions
        @OptionGroup var access: AccessOptions

        @Argument(help: "The auditor's name in lists and in the log.")
        var name: String

        @Option(help: "A business that they may see, as payloads name it. May be repeated.")
        var business: [String] = []

        @Flag(help: "They may see events without a business.")
        var unassigned = false

        @Flag(help: "They may see all businesses, including future ones.")
        var allBusinesses = false

        @Option(help: "sandbox or production. (default: both)")
        var environment: Environment?

        @Option(help: "The first day that they may see: YYYY-MM-DD.")
        var from: CivilDate?

        @Option(help: "The last day that they may see: YYYY-MM-DD.")
        var to: CivilDate?

        @Option(
            help: "How long the token is valid: a time span such as 90d, or the first day (UTC) on which it is not.")
        var expires = Expiry.after(.days(90))

        func validate() throws {
            if !Grant.isName(name) { throw ValidationError("NAME is one line of at most 80 characters") }
            if allBusinesses == (!business.isEmpty || unassigned) {
                throw ValidationError("say which: --business B, --unassigned, or --all-businesses")
            }
            if business.contains("") { throw ValidationError("--business is the name of one") }
            if let from, let to, to < from { throw ValidationError("--from \(from) is after --to \(to)") }
        }

        func run() throws {
            let now = Timestamp.now
            let until = try expires.time(from: now)
            let businesses = business.map(Business.named) + (unassigned ? [.unassigned] : [])
            let scope = Scope(
                businesses: allBusinesses ? nil : businesses,
                environments: environment.map { [$0] } ?? Environment.allCases, from: from, to: to)
            let auditors = Auditors(try access.open(of: archive))
            let token = try auditors.add(name: name, scope: scope, expires: until, by: NSUserName(), at: now)
            say(
                "\(VisibleText.line(name)) may see \(scope.words) until \(until); this is the token, and is not shown again:"
            )
            var output = Output()
            try output.write("\(token)\n")
            try output.flush()
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List who may see what, and until when.")

        @OptionGroup var archive: ArchiveOptions
        @OptionGroup var access: AccessOptions
        @OptionGroup var json: JSONOption

        @Flag(help: "Include grants whose token is no longer valid.")
        var all = false

        private struct Row: Encodable {
            let name, granted, expires, state: String
            let by, revoked: String?
            let scope: Scope
        }

        func run() throws {
            let now = Timestamp.now
            let known = try access.existing(of: archive).map { try Auditors($0).all() } ?? []
            let rows = known.filter { all || $0.isAdmitted(at: now) }.map { it in
                Row(
                    name: it.grant.name, granted: it.granted.description, expires: it.grant.expires.description,
                    state: it.revoked != nil ? "revoked" : it.isAdmitted(at: now) ? "admitted" : "expired",
                    by: it.by, revoked: it.revoked?.description, scope: it.grant.scope)
            }
            var table = Table(["AUDITOR", "STATE", "UNTIL", "MAY SEE"])
            for row in rows {
                table.add([row.name, row.state, String(row.expires.prefix(10)), row.scope.words])
            }
            try Output.print(json: json.json ? rows : nil, else: table.text)
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke",
            abstract: "End a grant at once: its token becomes invalid, and its sessions end.")

        @OptionGroup var archive: ArchiveOptions
        @OptionGroup var access: AccessOptions

        @Argument(help: "The name, as `daybook auditors list` shows it.")
        var name: String

        func run() throws {
            try Auditors(access.open(of: archive)).revoke(name: name, by: NSUserName())
            say("\(VisibleText.line(name)) is revoked")
        }
    }

    struct Log: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "log", abstract: "Print grants, sign-ins, and what was viewed and downloaded.",
            discussion: """
                A retrieval is logged before its first byte is sent. Its end records how many bytes were sent, and whether \
                that was everything. A retrieval without an end is still running, or the program was killed during it.
                """)

        @OptionGroup var archive: ArchiveOptions
        @OptionGroup var access: AccessOptions
        @OptionGroup var json: JSONOption

        @Option(help: "Only the entries of this auditor.")
        var auditor: String?

        @Option(help: "The first day: YYYY-MM-DD.")
        var from: CivilDate?

        @Option(help: "The last day: YYYY-MM-DD.")
        var to: CivilDate?

        func run() throws {
            var entries = try access.existing(of: archive)?.entries(from: from, to: to) ?? []
            if let auditor {
                let retrievals = Set(entries.filter { $0.auditor == auditor }.compactMap(\.retrieval))
                entries.removeAll { entry in
                    entry.auditor != auditor && !(entry.retrieval.map(retrievals.contains) ?? false)
                }
            }
            var output = Output()
            if json.json {
                for entry in entries { try output.write(RecordCoding.encode(entry)) }
            } else {
                try output.write(table(entries).text)
            }
            try output.flush()
        }

        /// Returns the rows of the report. A retrieval and its end share one row.
        private func table(_ entries: [AccessEntry]) -> Table {
            let ends = Dictionary(
                entries.filter { $0.kind == .end }.map { ($0.retrieval ?? "", $0) }, uniquingKeysWith: { $1 })
            var table = Table(["TIME", "AUDITOR", "FROM", "DID", "BYTES", "WHAT"], numeric: [4])
            for entry in entries where entry.kind != .end {
                let end = entry.retrieval.flatMap { ends[$0] }
                let did =
                    switch entry.kind {
                    case .page: entry.status == 200 ? "saw" : "got \(entry.status ?? 0)"
                    case .retrieval: end.map { $0.whole == true ? "fetched" : "cut" } ?? "no end"
                    default: entry.kind.rawValue
                    }
                let range = entry.range.map { " bytes \($0[0])-\($0[1])" } ?? ""
                table.add([
                    String(entry.time.description.prefix(19)), entry.auditor ?? "", entry.address ?? entry.by ?? "",
                    did,
                    (end?.bytes ?? entry.bytes).map { "\($0)" } ?? "",
                    (entry.what ?? entry.grant?.scope.words ?? "") + range,
                ])
            }
            return table
        }
    }
}

extension Scope {
    /// The scope as a phrase that follows "may see".
    fileprivate var words: String {
        let whom = businesses.map { $0.map { VisibleText.line("\($0)") }.joined(separator: ", ") } ?? "all businesses"
        let place =
            environments.count == Environment.allCases.count ? "" : " of \(environments.map(\.rawValue).joined())"
        let days: String =
            switch (from, to) {
            case (nil, nil): ""
            case (let from?, nil): " from \(from)"
            case (nil, let to?): " up to \(to)"
            case (let from?, let to?): " from \(from) to \(to)"
            }
        return whom + place + days
    }
}
