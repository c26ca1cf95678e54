internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Webhooks

/// The seal that closes a business's day, compared with the files as they are now.
struct DaySeal {
    let seal: IndexSnapshot.IndexedSeal
    let isSigned: Bool
    /// The time of the seal, RFC 3339 in UTC. Empty if the seal cannot be read.
    private(set) var sealed = ""
    /// The number of businesses whose day the seal closes.
    private(set) var leaves = 0
    /// The business's leaf, or `nil` if everything it has arrived after the seal.
    private(set) var leaf: Leaf?
    private(set) var verdict = Verdict.broken("The seal or its leaf cannot be read, or does not match its hash.")

    enum Verdict: Equatable {
        /// The files are those that were sealed. The value says whether every byte was read.
        case closed(everyByte: Bool)
        /// The files have grown by this many lines since they were sealed.
        case grown(lines: Int)
        /// The files differ from what was sealed. The value is a sentence that says how.
        case broken(String)
    }

    /// The size, in bytes, up to which a file is read to compare it. A larger file is compared by the index,
    /// which each download checks.
    static let readLimit = 16 << 20

    /// Returns `nil` if no seal closes the day yet.
    init?(
        _ archive: ArchiveFolder, _ seals: [IndexSnapshot.IndexedSeal], archive file: IndexedFile?,
        ledger: IndexedFile?
    ) throws {
        guard let newest = seals.last, let place = file ?? ledger else { return nil }
        let folder = ArchivePath.environment(newest.environment)
        seal = newest
        isSigned = try archive.root.status(of: SealSignature.path(ofSeal: "\(folder)/\(newest.path)")) != nil
        do {
            try judge(archive, archive: file, ledger: ledger, of: place.business)
        } catch is ArchiveError {
            // The verdict remains `broken`.
        } catch let error as FileError where error.isOfReading {
            verdict = .broken("A file cannot be read.")
        }
    }

    private mutating func judge(
        _ archive: ArchiveFolder, archive file: IndexedFile?, ledger: IndexedFile?, of business: Business
    ) throws {
        let current = try archive.seal(seal.environment, seal.path)
        sealed = current.statement.sealed
        leaves = current.leaves
        guard current.hash == seal.hash else {
            verdict = .broken("The seal's SHA-256 differs from the index.")
            return
        }
        guard let leaf = try archive.leaf(of: business, in: current) else {
            verdict = .grown(lines: [file, ledger].compactMap { $0?.state.lines }.reduce(0, +))
            return
        }
        self.leaf = leaf
        verdict = try Self.verdict(archive, [(file, leaf.statement.archive), (ledger, leaf.statement.ledger)])
    }

    private static func verdict(
        _ archive: ArchiveFolder, _ pairs: [(IndexedFile?, LeafStatement.File?)]
    ) throws -> Verdict {
        var (grown, everyByte) = (0, true)
        for (file, sealed) in pairs {
            guard let sealed else {
                grown += file?.state.lines ?? 0
                continue
            }
            guard let file, file.state.gzipBytes >= sealed.gzipBytes else {
                return .broken("A file that was sealed is missing, or shorter than it was.")
            }
            if file.state.gzipBytes > readLimit {
                everyByte = false
            } else {
                do { try GzipFile(file.reference, in: archive).stream { _ in } } catch is ArchiveError {
                    return .broken("A file's bytes are not those that were recorded.")
                }
            }
            if file.state.hash == sealed.gzipSHA256 { continue }
            guard file.state.lines > sealed.lines else {
                return .broken("A file's SHA-256 is not the one that was sealed.")
            }
            grown += file.state.lines - sealed.lines
        }
        return grown > 0 ? .grown(lines: grown) : .closed(everyByte: everyByte)
    }
}
