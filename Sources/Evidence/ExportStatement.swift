internal import Archive
internal import ArchiveIndex
internal import Webhooks

/// `data/statement.txt`: what the export covers, for people.
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
        let hasQuarantine = contents.business?.name == nil
        var rows = [
            ["ENVIRONMENT", "DAY", "RECEIVED", "EVENTS", "REDELIVERED", "QUARANTINED", "RELEASED", "DISCARDED", "SEAL"]
        ]
        for day in contents.days {
            let counts = day.counts
            let numbers = [
                counts.received, counts.archived, counts.redelivered, counts.quarantined, counts.released,
                counts.discarded,
            ]
            rows.append(
                ["\(day.environment)", "\(day.day)"] + numbers.map(String.init) + [
                    Self.words(for: day.seal) + (day.prunedBy.map { ", pruned by record \($0)" } ?? "")
                ])
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

    /// Returns the rows as columns, text to the left and numbers to the right.
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

    /// The newest seal of each environment, and the number of lines left out.
    private var ends: String {
        var lines: [String] = []
        for environment in Environment.allCases {
            guard let last = contents.seals.last(where: { $0.environment == environment }) else { continue }
            lines.append(
                "The newest seal of \(environment) in this bag is number \(last.number), \(last.path), SHA-256\n\(last.hash)."
            )
        }
        if contents.late > 0 {
            lines.append(
                "Lines that arrived after the seals above and are not sealed yet: \(contents.late). They are not included."
            )
        }
        if contents.gone > 0 {
            lines.append(
                "Events that are gone, since they were erased or lost: \(contents.gone). A tombstone is in the place of each, with "
                    + "the hash\nof the line that was there. So the seals from before still prove every other line.")
        }
        return lines.joined(separator: "\n")
    }

    private var meaning: String {
        let others =
            contents.isOfAll
            ? ""
            : "\nA seal lists a leaf for each business that had a delivery, under a keyed hash instead of its name. This "
                + "bag has\nthe leaves of its business, and shows only how many others there are."
        return """
            An event is a delivery, stored once. A redelivery is a later delivery of the same event, and is recorded in the
            ledger of the day on which it arrived. The day of an event is that of its first receipt, in the archive's time
            zone. A seal lists the hashes of a day's files and of the seal before it, so the seals are one chain. Late data
            results in a new revision of a day, and so does an erasure, which leaves the hash of each erased line.\(others)

            data/environment=E/business=B/day=D/events.ndjson.gz     the events: in each line, the payload is the text
                                                                     between the first ,"data": and the final }
            data/environment=E/_ledger/business=B/D.ndjson.gz        the ledger
            data/environment=E/_seals/                               seals, and leaves with their statements
            data/export.json                                         the first lines of this page, for programs
            These paths have + where the paths that leaves list have %.
            """
    }

    private var checking: String {
        """
        How to check it, on any machine with gzip, sha256sum, awk, jq and ssh-keygen:

            sh data/check.sh ALLOWED_SIGNERS

        ALLOWED_SIGNERS is your file of the signers whom you trust ("ALLOWED SIGNERS" in ssh-keygen(1)).
        \(hasSigners
            ? "Without it, the one in this bag is used, which you can trust only as much as whoever gave you the bag."
            : "Without it, signatures are checked, but not who signed.")
        """
    }

    private var proof: String {
        """
        What this proves: each payload has the SHA-256 that was recorded at its receipt; every sealed day has exactly the
        lines that were sealed, in its earlier revisions too, with none changed, added, or removed, except that a tombstone
        with its hash may be in the place of one; the seals are one chain without a gap; and if a seal is signed, the holder
        of the key sealed it and every seal before it.

        What this does not prove: anything about a day that is not sealed yet; that the business has no other days (only
        the archive's key shows which leaf belongs to whom) and that there are no later seals; that the provider sent
        everything that it should have; in which order things occurred, as opposed to arrived; the time of receipt, beyond
        the clock of the receiving machine; and, if no seal is signed and you have no earlier seal's SHA-256, that the
        archive was not rewritten. This page and check.sh are not sealed: get check.sh from a source that you trust.
        """
    }
}
