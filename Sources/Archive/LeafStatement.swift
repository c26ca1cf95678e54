package import Webhooks

/// A business's statement for a day: the first line of its ``Leaf``.
package struct LeafStatement: Equatable, Sendable {
    package var environment: Environment
    /// The business; absent if unassigned.
    package var business: String?
    package var day: CivilDate
    package var revision: Int
    package var archived: Int
    package var redelivered: Int
    package var quarantined: Int
    package var released: Int
    package var discarded: Int
    package var archive: File?
    package var ledger: File?

    /// The counts, of which the leaf has neither `received` nor `bytes`: a scan counts them before it is known which
    /// business a delivery is about.
    package var counts: Counts {
        var counts = Counts()
        counts.archived = archived
        counts.redelivered = redelivered
        counts.quarantined = quarantined
        counts.released = released
        counts.discarded = discarded
        return counts
    }

    /// The JSON, in one line with sorted keys, and its LF.
    var line: [UInt8] {
        var line = LineBytes()
        if let archive {
            line.open(#"{"archive":"#)
            archive.write(to: &line)
            line.add("archived", number: archived)
        } else {
            line.open(first: "archived", number: archived)
        }
        line.add("business", business)
        line.add("day", plain: day.description)
        line.add("discarded", number: discarded)
        line.add("environment", plain: environment.rawValue)
        if let ledger {
            line.open(#","ledger":"#)
            ledger.write(to: &line)
        }
        line.add("quarantined", number: quarantined)
        line.add("redelivered", number: redelivered)
        line.add("released", number: released)
        line.add("revision", number: revision)
        line.close()
        return line.bytes
    }

    package struct File: Equatable, Sendable {
        /// The path, relative to the environment's folder.
        package var path: String
        package var lines: Int
        /// The ``LinesHash`` of the lines.
        package var linesSHA256: ContentHash
        /// The size in bytes.
        package var textBytes: Int
        package var textSHA256: ContentHash
        /// The size in bytes.
        package var gzipBytes: Int
        package var gzipSHA256: ContentHash

        package var checksumLine: ChecksumLine { ChecksumLine(hash: gzipSHA256, path: path) }

        fileprivate func write(to line: inout LineBytes) {
            line.open(first: "gzip_bytes", number: gzipBytes)
            line.add("gzip_sha256", gzipSHA256)
            line.add("lines", number: lines)
            line.add("lines_sha256", linesSHA256)
            line.add("path", path)
            line.add("text_bytes", number: textBytes)
            line.add("text_sha256", textSHA256)
            line.open("}")
        }
    }
}

extension LeafStatement {
    /// Parses the line, without its LF.
    init(_ line: UnsafeRawBufferPointer) throws(LineFault) {
        let members = try LineReader(line, before: nil, objects: ["archive", "ledger"])
        guard let environment = Environment(rawValue: try members.value("environment").text) else {
            throw LineFault("\"environment\" is not an environment")
        }
        self.environment = environment
        business = try members.text("business")
        day = try members.day("day")
        revision = try members.number("revision")
        archived = try members.number("archived")
        redelivered = try members.number("redelivered")
        quarantined = try members.number("quarantined")
        released = try members.number("released")
        discarded = try members.number("discarded")
        archive = try members.object("archive").map(File.init)
        ledger = try members.object("ledger").map(File.init)
    }
}

extension LeafStatement.File {
    fileprivate init(_ members: LineReader) throws(LineFault) {
        path = try members.value("path").text
        lines = try members.number("lines")
        linesSHA256 = try members.hash("lines_sha256")
        textBytes = try members.number("text_bytes")
        textSHA256 = try members.hash("text_sha256")
        gzipBytes = try members.number("gzip_bytes")
        gzipSHA256 = try members.hash("gzip_sha256")
    }
}
