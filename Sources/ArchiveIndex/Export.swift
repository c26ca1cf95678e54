package import Archive
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
/// Every file is the archive's to the byte, its hash compared as it is copied; but in the paths `+` stands for `%`. What
/// goes in is told by ``ExportContents``. No lock is taken: sweeps may publish meanwhile.
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
    ///   - progress: is told of each file before it is copied.
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
    /// - Throws: ``ExportError``; ``ArchiveError/differs(_:_:)`` where a file is not as the index or a seal tells it.
    ///   Nothing is left under the path, or beside it, then.
    package func write(to path: String) throws -> Report {
        let destination = try ExportDestination(path)
        let signers = try allowedSigners.map(readSigners)
        let contents = try IndexDatabase.open(forReadingIn: archive).read { snapshot in
            try ExportContents(archive, selection, snapshot)
        }
        guard !contents.days.isEmpty else { throw ExportError.nothing(selection.words, late: contents.late) }
        return try destination.make(modified: contents.newest) { folder in
            try fill(ExportBag(folder), with: contents, signers)
        }
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
        for file in contents.files {
            try progress(file.path)
            try bag.add(file.path, GzipFile(file, in: archive))
        }
        for copy in contents.copies {
            try progress(copy.path)
            let full = archive.root.path(of: copy.path)
            guard let bytes = try archive.root.contents(of: copy.path) else {
                throw ArchiveError.differs(full, "it is listed, and not there")
            }
            if let hash = copy.hash, ContentHash(of: bytes) != hash {
                throw ArchiveError.differs(full, "its SHA-256 is not \(hash), which was recorded")
            }
            try bag.add(copy.path, bytes)
        }
        let statement = ExportStatement(contents, archive.identity.archive, program, now, hasSigners: signers != nil)
        try bag.add("export.json", contents.record(of: archive.identity.archive))
        try bag.add("statement.txt", Array(statement.text.utf8))
        try bag.add("check.sh", PackageResources.check_sh)
        if let signers { try bag.add("allowed_signers", signers) }
        (report.files, report.bytes) = (bag.count, bag.bytes)
        report.sha256 = try bag.finish([
            ("External-Identifier", archive.identity.archive),
            ("External-Description", "Webhook deliveries, as received, of \(selection.words)."),
            ("Bagging-Date", String(now.description.prefix(10))),
            ("Bag-Software-Agent", program),
        ]).description
        return report
    }
}

package enum ExportError: Error, CustomStringConvertible {
    case nothing(String, late: Int)
    case exists(String)
    case unfinished(String)
    case noFolder(String)
    case noSigners(String)
    case noTar
    case tarFailed(String)

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
        case .noTar: "there is no `tar` on the PATH; install it, or export to a folder, with no .tar at its end"
        case .tarFailed(let cause): "`tar` cannot pack the bag: \(cause); free space, or export to a folder"
        }
    }
}
