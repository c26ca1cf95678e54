package import Archive
package import ArchiveIndex
internal import DurableFiles
package import Parallel
package import Webhooks

/// An evidence bundle: the files that an auditor needs to check one business, or all of them, without Daybook.
///
/// It is a BagIt bag (RFC 8493), as a folder or as a `.tar`:
///
///     bagit.txt, bag-info.txt, manifest-sha256.txt, tagmanifest-sha256.txt          see ``ExportBag``
///     data/environment=<e>/business=<b>/day=<d>/events.ndjson.gz                     archives
///     data/environment=<e>/_ledger/business=<b>/<d>.ndjson.gz                        ledgers
///     data/environment=<e>/_seals/<d>/<name>.sha256                                  leaves, unpacked
///     data/environment=<e>/_seals/<d>.sha256, .sha256.sig                            seals and their signatures
///     data/environment=<e>/_seals/<d>.json                                           only with all businesses
///     data/export.json                                                               see ``ExportContents``
///     data/statement.txt                                                             the same for people
///     data/check.sh                                                                  checks the whole bundle
///     data/allowed_signers                                                           if it was given
///
/// Every file is a copy of the archive's, compared with its hash on the way, but its path has `+` for `%`.
/// ``ExportContents`` decides what is included. No lock is taken, so sweeps may publish in the meantime.
package struct Export {
    let archive: ArchiveFolder
    let selection: Selection
    let allowedSigners: String?
    /// The program and its version.
    let program: String
    let now: Timestamp
    private let pipeline: Pipeline
    let progress: Progress

    /// Gets the path of a file and its size in bytes.
    package typealias Progress = (_ path: String, _ bytes: Int) throws -> Void

    /// - Parameters:
    ///   - allowedSigners: The path of an allowed-signers file (ssh-keygen(1), "ALLOWED SIGNERS") to include.
    ///   - program: The program's name and version.
    ///   - pipeline: The threads that write the files of a folder. The bundle does not depend on their number.
    ///   - progress: Called with each file before it is copied.
    package init(
        _ archive: ArchiveFolder, _ selection: Selection, allowedSigners: String? = nil, program: String,
        at now: Timestamp, pipeline: Pipeline = Pipeline(), progress: @escaping Progress = { _, _ in }
    ) {
        self.archive = archive
        self.selection = selection
        self.allowedSigners = allowedSigners
        self.program = program
        self.now = now
        self.pipeline = pipeline
        self.progress = progress
    }

    /// A summary of what was exported.
    package struct Report: Encodable, Equatable, Sendable {
        package var archives = 0
        package var ledgers = 0
        package var seals = 0
        package var signatures = 0
        package var events = 0
        package var redeliveries = 0
        package var quarantined = 0
        /// The days of an environment that no seal closes yet.
        package var unsealed = 0
        /// The number of lines of sealed days that arrived after the seal and were left out.
        package var late = 0
        /// The number of events that were erased or lost, and are in `events` too.
        package var gone = 0
        /// The number of files in the bag's `data/`.
        package var files = 0
        /// The size of those files, in bytes.
        package var bytes = 0
        /// The SHA-256 of `tagmanifest-sha256.txt`, which identifies the whole bag.
        package var sha256 = ""
    }

    /// Writes the whole bag or nothing: as a `.tar` if the path ends with that, otherwise as a folder.
    ///
    /// - Throws: ``ExportError``; ``ArchiveError/differs(_:_:)`` if a file differs from what the index or a seal
    ///   says. In that case nothing is left at the path or beside it.
    package func write(to path: String) throws -> Report {
        let destination = try ExportDestination(path)
        if let name = destination.bagName {
            return try destination.makeFile { file in try stream(as: name) { try file.write($0) } }
        }
        let (contents, signers) = try contents()
        return try destination.makeFolder { try fill(ExportBag($0), with: contents, signers) }
    }

    /// Passes the bag to `write` as a `.tar`, piece by piece.
    ///
    /// - Parameter name: The name of the only folder in the `.tar`.
    /// - Throws: As ``write(to:)``. Damage may be found after the first pieces; the `.tar` is incomplete in that case.
    package func stream(as name: String, _ write: ([UInt8]) throws -> Void) throws -> Report {
        var stream = try ExportStream(self, name: name)
        while let bytes = try stream.next(progress: progress) { try write(bytes) }
        return stream.report
    }

    /// Returns the contents and the file of signers.
    ///
    /// - Throws: ``ExportError/nothing(_:late:)``.
    func contents() throws -> (ExportContents, signers: [UInt8]?) {
        let signers = try allowedSigners.map(readSigners)
        let contents = try IndexDatabase.open(forReadingIn: archive).read { snapshot in
            try ExportContents(selection, archive: archive, snapshot: snapshot)
        }
        guard !contents.days.isEmpty else { throw ExportError.nothing(selection.words, late: contents.late) }
        return (contents, signers)
    }

    private func readSigners(_ path: String) throws -> [UInt8] {
        let (folder, name) = ArchivePath.split(path)
        guard let bytes = try Folder.existing(folder.isEmpty ? "/" : folder)?.contents(of: name) else {
            throw ExportError.noSigners(path)
        }
        return bytes
    }

    private func fill(_ bag: consuming ExportBag, with contents: ExportContents, _ signers: [UInt8]?) throws -> Report {
        var report = contents.report
        var items = try items(contents, signers)
        while let batch = try items.nextBatch() {
            try pipeline.run(batch.count, inBatches: true) {
            } produce: { [root = bag.root, archive] _, number in
                try ExportBag.write(batch[number], of: archive, to: root)
            } consume: { number, written in
                try progress(batch[number].path, written.size)
                try bag.add(written)
            }
        }
        (report.files, report.bytes) = (bag.count, bag.bytes)
        report.sha256 = try bag.finish(bagInfo).description
        return report
    }

    /// The payload files, in the order in which they are written.
    func items(_ contents: ExportContents, _ signers: [UInt8]?) throws -> ExportItems {
        let statement = ExportStatement(
            contents, archive: archive.identity.archive, program: program, at: now, hasSigners: signers != nil)
        let own = [
            ("export.json", try contents.record(of: archive.identity.archive)),
            ("statement.txt", Array(statement.text.utf8)), ("check.sh", PackageResources.check_sh),
        ]
        var items = own.map { ExportItem(path: $0, source: .bytes($1)) }
        if let signers { items.append(ExportItem(path: "allowed_signers", source: .bytes(signers))) }
        return ExportItems(contents, own: items, in: archive)
    }

    /// The fields of `bag-info.txt`.
    var bagInfo: [(label: String, value: String)] {
        [
            ("External-Identifier", archive.identity.archive),
            ("External-Description", "Webhook deliveries, as received, of \(selection.words)."),
            ("Bagging-Date", String(now.description.prefix(10))),
            ("Bag-Software-Agent", program),
        ]
    }
}
