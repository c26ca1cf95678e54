package import Archive
package import ArchiveIndex
internal import DurableFiles
package import Webhooks

/// An evidence bundle: what an auditor needs of one business, or of all, to check it without Daybook.
///
/// It is a BagIt bag (RFC 8493), as a folder or as a `.tar`:
///
///     bagit.txt, bag-info.txt, manifest-sha256.txt, tagmanifest-sha256.txt          see ``ExportBag``
///     data/environment=<e>/business=<b>/day=<d>/events.ndjson.gz                     archives
///     data/environment=<e>/_ledger/business=<b>/<d>.ndjson.gz                        ledgers
///     data/environment=<e>/_seals/<d>/<name>.sha256, .json                           leaves and their statements
///     data/environment=<e>/_seals/<d>.sha256, .sha256.sig                            seals and their signatures
///     data/environment=<e>/_seals/<d>.json                                           statements of the sums: only of all
///     data/export.json                                                               see ``ExportContents``
///     data/statement.txt                                                             the same for people
///     data/check.sh                                                                  checks all of it
///     data/allowed_signers                                                           where it was given
///
/// Every file is the archive's to the byte, its hash compared as it is copied; but its path has `+` for `%`. What
/// goes in is decided by ``ExportContents``. No lock is taken: sweeps may publish meanwhile.
package struct Export {
    let archive: ArchiveFolder
    let selection: Selection
    let allowedSigners: String?
    /// The program and its version.
    let program: String
    let now: Timestamp
    let progress: (String) throws -> Void

    /// - Parameters:
    ///   - allowedSigners: the path of a file of ssh-keygen(1), "ALLOWED SIGNERS", to put in.
    ///   - program: its name and version.
    ///   - progress: called with each file before it is copied.
    package init(
        _ archive: ArchiveFolder, _ selection: Selection, allowedSigners: String? = nil, program: String,
        at now: Timestamp, progress: @escaping (String) throws -> Void = { _ in }
    ) {
        self.archive = archive
        self.selection = selection
        self.allowedSigners = allowedSigners
        self.program = program
        self.now = now
        self.progress = progress
    }

    /// What was exported.
    package struct Report: Encodable, Equatable, Sendable {
        package var archives = 0
        package var ledgers = 0
        package var seals = 0
        package var signatures = 0
        package var events = 0
        package var redeliveries = 0
        package var quarantined = 0
        /// Days of an environment that no seal closes yet.
        package var unsealed = 0
        /// Lines of sealed days that came after the seal, and were left out.
        package var late = 0
        /// In the bag's `data/`.
        package var files = 0
        /// Of those.
        package var bytes = 0
        /// Of `tagmanifest-sha256.txt`: by it the whole bag is known.
        package var sha256 = ""
    }

    /// Writes the bag, whole or not at all: as a `.tar` where the path ends so, else as a folder.
    ///
    /// - Throws: ``ExportError``; ``ArchiveError/differs(_:_:)`` if a file is not as the index or a seal has it.
    ///   Nothing is left under the path, or beside it, then.
    package func write(to path: String) throws -> Report {
        let destination = try ExportDestination(path)
        if let name = destination.bagName {
            var stream = try ExportStream(self, name: name)
            return try destination.makeFile { file in
                while let bytes = try stream.next(progress: progress) { try file.write(bytes) }
                return stream.report
            }
        }
        let (contents, signers) = try contents()
        return try destination.makeFolder { try fill(ExportBag($0), with: contents, signers) }
    }

    /// What goes in, and the file of signers.
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
        for item in try items(contents, signers) {
            try progress(item.path)
            switch try item.contents(in: archive) {
            case .file(let file): try bag.add(item.path, file)
            case .bytes(let bytes): try bag.add(item.path, bytes)
            }
        }
        (report.files, report.bytes) = (bag.count, bag.bytes)
        report.sha256 = try bag.finish(bagInfo).description
        return report
    }

    /// The payload, in the order in which it is written.
    func items(_ contents: ExportContents, _ signers: [UInt8]?) throws -> [ExportItem] {
        var items = contents.files.map { ExportItem(path: $0.path, source: .file($0)) }
        items += contents.copies.map { ExportItem(path: $0.path, source: .copy($0.hash)) }
        let statement = ExportStatement(
            contents, archive: archive.identity.archive, program: program, at: now, hasSigners: signers != nil)
        let own = [
            ("export.json", try contents.record(of: archive.identity.archive)),
            ("statement.txt", Array(statement.text.utf8)), ("check.sh", PackageResources.check_sh),
        ]
        items += own.map { ExportItem(path: $0, source: .bytes($1)) }
        if let signers { items.append(ExportItem(path: "allowed_signers", source: .bytes(signers))) }
        return items
    }

    /// For `bag-info.txt`.
    var bagInfo: [(label: String, value: String)] {
        [
            ("External-Identifier", archive.identity.archive),
            ("External-Description", "Webhook deliveries, as received, of \(selection.words)."),
            ("Bagging-Date", String(now.description.prefix(10))),
            ("Bag-Software-Agent", program),
        ]
    }
}

/// A file of an export's payload.
struct ExportItem: Sendable {
    /// In the archive, or in the bag's `data/`.
    let path: String
    let source: Source

    enum Source {
        /// Large: read as it is copied.
        case file(GzipReference)
        /// Small; its hash, where one is recorded.
        case copy(ContentHash?)
        case bytes([UInt8])
    }

    enum Contents {
        case file(GzipFile)
        case bytes([UInt8])
    }

    /// - Throws: ``ArchiveError/differs(_:_:)`` where a small file is not as recorded.
    func contents(in archive: ArchiveFolder) throws -> Contents {
        switch source {
        case .file(let reference): return .file(try GzipFile(reference, in: archive))
        case .bytes(let bytes): return .bytes(bytes)
        case .copy(let hash):
            let full = archive.root.path(of: path)
            guard let bytes = try archive.root.contents(of: path) else {
                throw ArchiveError.differs(full, "it is listed, and not there")
            }
            if let hash, ContentHash(of: bytes) != hash {
                throw ArchiveError.differs(full, "its SHA-256 is not \(hash), which was recorded")
            }
            return .bytes(bytes)
        }
    }
}

package enum ExportError: Error, CustomStringConvertible {
    case nothing(String, late: Int)
    case exists(String)
    case unfinished(String)
    case noFolder(String)
    case noSigners(String)

    package var description: String {
        switch self {
        case .nothing(let what, let late):
            late == 0
                ? "there is nothing of \(what); see `daybook list`"
                : "all there is of \(what) came after its day was sealed; `daybook sweep` seals it, then run this again"
        case .exists(let path):
            "\(path) is there already, and is never overwritten; name another with -o, or move it away"
        case .unfinished(let path):
            "\(path) is there: another export is making it, or was killed; in that case remove it, then run this again"
        case .noFolder(let path): "there is no folder \(path) to put it into; make it, then run this again"
        case .noSigners(let path): "there is no file \(path); name one that `ssh-keygen -Y verify -f` takes"
        }
    }
}
