internal import Archive
internal import ArchiveIndex
internal import Webhooks

/// `data/statement.txt`: what an export is, for people.
struct ExportStatement {
    private let contents: ExportContents
    private let archive: String
    private let program: String
    private let now: Timestamp
    private let hasSigners: Bool

    init(_ contents: ExportContents, archive: String, program: String, at now: Timestamp, hasSigners: Bool) {
        self.contents = contents
        self.archive = archive
        self.program = program
        self.now = now
        self.hasSigners = hasSigners
    }

    var text: String {
        [opening, table, ends, meaning, checking, proof].filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
    }

    private var opening: String {
        """
        Webhook deliveries as they were received and kept, of \(contents.selection.words).
        From the archive \(archive), exported at \(now) by \(program).
        """
    }

    private var table: String {
        let hasQuarantine = contents.selection.business?.name == nil
        var rows = [
            ["ENVIRONMENT", "DAY", "RECEIVED", "EVENTS", "REDELIVERED", "QUARANTINED", "RELEASED", "DISCARDED", "SEAL"]
        ]
        for day in contents.days {
            let counts = day.counts
            let numbers = [
                counts.received, counts.archived, counts.redelivered, counts.quarantined, counts.released,
                counts.discarded,
            ]
            rows.append(["\(day.environment)", "\(day.day)"] + numbers.map(String.init) + [Self.words(for: day.seal)])
        }
        let shown = rows[0].indices.filter { column in
            column == 2 ? contents.isOfAll : hasQuarantine || !(5...7).contains(column)
        }
        return Self.aligned(rows.map { row in shown.map { row[$0] } })
    }

    private static func words(for seal: ExportContents.SealEntry?) -> String {
        guard let seal else { return "not yet" }
        return "number \(seal.number)" + (seal.revision > 1 ? ", revision \(seal.revision)" : "")
            + (seal.isSigned ? ", signed" : ", not signed")
    }

    /// Columns: text to the left, numbers to the right.
    private static func aligned(_ rows: [[String]]) -> String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                if column == row.count - 1 { return cell }
                return (2..<row.count).contains(column) ? padding + cell : cell + padding
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    /// The newest seal of each environment, and what is left out.
    private var ends: String {
        var lines: [String] = []
        for environment in Environment.allCases {
            guard let last = contents.seals.last(where: { $0.environment == environment }) else { continue }
            lines.append(
                "The newest seal of \(environment) in here is number \(last.number), \(last.path), SHA-256\n\(last.hash)."
            )
        }
        if contents.late > 0 {
            lines.append(
                "Lines that came after the seals above, and were not sealed yet: \(contents.late). They are not in here."
            )
        }
        return lines.joined(separator: "\n")
    }

    private var meaning: String {
        let others =
            contents.isOfAll
            ? ""
            : "\nA seal lists a leaf for each business that had a delivery, under a keyed hash in place of its name: this "
                + "bag\nhas the leaves of its own, and shows of the others only how many there are."
        return """
            An event is a delivery, kept once; a redelivery is a later one of the same event, kept in the ledger of the day
            on which it came. A day is that of the first receipt, in the archive's time zone. A seal lists the hashes of a
            day's files and of the seal before it, so the seals are one chain; late data makes a new revision of a day, and
            nothing that was sealed is changed.\(others)

            data/environment=E/business=B/day=D/events.ndjson.gz     the events: in each line, the payload is the text
                                                                     between the first ,"data": and the final }
            data/environment=E/_ledger/business=B/D.ndjson.gz        the ledger
            data/environment=E/_seals/                               seals, leaves and their statements
            data/export.json                                         the first lines of this page, for programs
            These paths have + where the paths that leaves list have %.
            """
    }

    private var checking: String {
        """
        How to check it, on any machine with gzip, sha256sum, sed, base64, jq and ssh-keygen:

            sh data/check.sh ALLOWED_SIGNERS

        ALLOWED_SIGNERS is a file of yours that says whose signatures you trust ("ALLOWED SIGNERS" in ssh-keygen(1)).
        \(hasSigners
            ? "Without it the one in this bag is taken, which is worth as much as whoever gave you the bag."
            : "Without it, signatures are only shown to be whole, and not to be someone's.")
        """
    }

    private var proof: String {
        """
        What that proves: that each payload has the SHA-256 that was noted when it came; that of every sealed day all lines
        are here that were sealed, none changed, added or taken away, also in its earlier revisions; that the seals are
        one chain without a gap; and where a seal is signed, that the holder of the key sealed it, and all before it.

        What it does not prove: anything of a day that is not sealed yet; that there is no other day of the business (only
        the archive's key shows which leaf is whose), and no later seal; that the provider sent all that it should have;
        in which order things occurred, only in which they came; when, beyond the word of the machine that received; and,
        if nothing is signed and you had no seal's SHA-256 from before, that the whole was not rewritten. This page
        and check.sh are themselves not sealed: take check.sh from a source that you trust.
        """
    }
}
