internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Webhooks

/// The exact commands that check a day of a business.
struct CheckPage {
    let name, environment, date: String
    let isSigned: Bool
    let steps: [Step]

    struct Step {
        let number: Int
        let title, text, commands: String
        let expected: String?
    }

    /// - Parameter origin: The scheme and authority of this page, for example `https://audit.example.com`.
    /// - Returns: The page, or `nil` if the business has nothing on this day.
    static func page(
        _ scoped: ScopedArchive, of place: Route.Place, on day: CivilDate, origin: String, templates: PageTemplates
    ) throws -> Page? {
        let read = try scoped.read { snapshot in
            let files = (
                try snapshot.file(.archives, of: place, on: day),
                ledger: try snapshot.file(.ledgers, of: place, on: day)
            )
            return (
                files.0, files.ledger, try (files.0 ?? files.ledger).map { try snapshot.seals(of: $0) } ?? [],
                try files.0.map { try snapshot.goneEvents(in: $0) } ?? 0
            )
        }
        let (archive, ledger, seals, gone) = read
        guard let any = archive ?? ledger else { return nil }
        let seal = try DaySeal(scoped.archive, seals, archive: archive, ledger: ledger)
        let values = CheckPage(
            name: PageFormat.name(any.business), environment: "\(place.environment)", date: PageFormat.longDate(day),
            isSigned: seal?.isSigned ?? false,
            steps: steps(
                archive: archive, ledger: ledger, seal: seal, gone: gone, of: place, on: day, origin: origin))
        return Page(
            title: "How to check this", trail: [.businesses, .business(any, place), .day(place, day)],
            main: templates.render(.check, values))
    }

    private static func steps(
        archive: IndexedFile?, ledger: IndexedFile?, seal: DaySeal?, gone: Int, of place: Route.Place,
        on day: CivilDate, origin: String
    ) -> [Step] {
        var steps: [Step] = []
        func add(_ title: String, text: String, commands: [String], expected: String? = nil) {
            steps.append(
                Step(
                    number: steps.count + 1, title: title, text: text, commands: commands.joined(separator: "\n"),
                    expected: expected))
        }
        func within(_ path: String) -> String {
            String(path.dropFirst(ArchivePath.environment(place.environment).count + 1))
        }
        var wanted: [(from: DayFile, to: String)] = []
        if let archive { wanted.append((.archive, within(archive.path))) }
        if let ledger { wanted.append((.ledger, within(ledger.path))) }
        if let leaf = seal?.leaf { wanted.append((.leaf, leaf.path)) }
        if let seal { wanted.append((.seal, seal.seal.path)) }
        if let seal, seal.isSigned { wanted.append((.signature, "\(seal.seal.path).sig")) }

        let folders = Set(wanted.map { ArchivePath.split($0.to).folder }).sorted().map { "'\($0)'" }
        add(
            "Fetch what there is of the day",
            text:
                "In a new folder, and with your token in place of TOKEN. The files keep their paths in the archive, since the hashes name them.",
            commands: [
                "mkdir -p \(folders.joined(separator: " "))",
                "fetch() { curl -fsS -H 'Authorization: Bearer TOKEN' -o \"$2\" '\(origin)\(Route.day(place, day).path)/'\"$1\"; }",
            ] + wanted.map { "fetch \($0.from.rawValue) '\($0.to)'" })
        if let leaf = seal?.leaf {
            add(
                "Compare them with the business's leaf", text: "Each file has the hash that the leaf lists.",
                commands: ["sha256sum -c '\(leaf.path)'"],
                expected: seal.flatMap { if case .grown = $0.verdict { nil } else { "…: OK" } })
        }
        if let seal {
            if case .grown = seal.verdict {
                add(
                    "Late lines", text: "The file has grown since it was sealed. Its beginning is what was sealed.",
                    commands: grown(archive: archive, ledger: ledger, since: seal, within: within), expected: nil)
            }
            add(
                "Compare the leaf with the seal",
                text:
                    "The seal lists a leaf for each business. Yours is one of them; you cannot download the others.",
                commands: ["sha256sum -c --ignore-missing '\(seal.seal.path)'"], expected: "…: OK")
            add(
                "Compare the seal with the index", text: "Keep this number: it identifies the seal.",
                commands: ["sha256sum '\(seal.seal.path)'"], expected: "\(seal.seal.hash)")
            if seal.isSigned {
                add(
                    "Check the signature",
                    text:
                        "ALLOWED is a file that the operator gave you by other means than this page: a line with a name and a public key. NAME is that name.",
                    commands: [
                        "ssh-keygen -Y verify -f ALLOWED -I NAME -n daybook-seal -s '\(seal.seal.path).sig' < '\(seal.seal.path)'"
                    ], expected: "Good \"daybook-seal\" signature …")
            }
        }
        if let archive {
            let path = within(archive.path)
            add(
                "Read it", text: "It is one gzip file with a line for each event.",
                commands: ["gzip -t '\(path)'", "zcat '\(path)' | wc -l"], expected: "\(archive.state.lines)")
            add(
                "Compare each payload with its hash",
                text:
                    "The payload is the bytes between the first ,\"data\": and the final } of a line, or is rawbody, in base64. Prints nothing but the number of lines that hold, and of tombstones, whose payloads are gone.",
                commands: [
                    "zcat '\(path)' | while IFS= read -r line; do",
                    "  case $line in *',\"data\":'*) ;; *) echo tombstone; continue ;; esac",
                    "  head=$(printf '%s\\n' \"$line\" | sed 's/,\"data\":.*//')",
                    "  wanted=$(printf '%s\\n' \"$head\" | sed 's/.*,\"sha256\":\"\\([0-9a-f]*\\)\".*/\\1/')",
                    "  case $head in",
                    "  *',\"rawbody\":\"'*) printf '%s\\n' \"$head\" | sed 's/.*,\"rawbody\":\"//; s/\".*//' | base64 -d ;;",
                    "  *) printf '%s\\n' \"$line\" | sed 's/,\"data\":/\\n/; s/^[^\\n]*\\n//; s/}$//' | tr -d '\\n' ;;",
                    "  esac | sha256sum | { read -r hash rest; [ \"$hash\" = \"$wanted\" ] && echo holds || printf '%s\\n' \"$line\"; }",
                    "done | sort | uniq -c",
                ],
                expected: ["\(archive.state.lines - gone) holds", gone > 0 ? "\(gone) tombstone" : nil].compactMap {
                    $0
                }
                .joined(separator: "\n"))
        }
        return steps
    }

    /// A sealed state is a prefix of the file, followed by the ten bytes that end a gzip member.
    private static func grown(
        archive: IndexedFile?, ledger: IndexedFile?, since seal: DaySeal, within: (String) -> String
    ) -> [String] {
        var lines: [String] = []
        for (file, sealed) in [(archive, seal.leaf?.statement.archive), (ledger, seal.leaf?.statement.ledger)] {
            guard let file, let sealed, file.state.gzipBytes > sealed.gzipBytes else { continue }
            let path = within(file.path)
            lines.append(
                "{ head -c \(sealed.gzipBytes - GzipMember.endCount) '\(path)'; printf '\\003\\000'; "
                    + "zcat '\(path)' | head -c \(sealed.textBytes) | gzip -c | tail -c 8; } | sha256sum")
            lines.append("# \(sealed.gzipSHA256)  -")
        }
        return lines.isEmpty ? ["# everything arrived after the seal"] : lines
    }
}
