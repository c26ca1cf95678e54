internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Parallel
internal import Webhooks

extension Verification.Check {
    /// Checks the chain of an environment, link by link.
    ///
    /// - Returns: The seals of the selected days, in the order of the chain.
    mutating func checkChain(_ environment: Environment) throws -> SealsByDay {
        let folder = ArchivePath.environment(environment)
        var before: IndexSnapshot.IndexedSeal?
        var sealed = ""
        var revisions: [CivilDate: Int] = [:]
        let chain = try snapshot.seals(environment)
        var seals: SealsByDay = [:]
        for known in chain {
            let path = "\(folder)/\(known.path)"
            result.seals += 1
            if known.number != (before?.number ?? 0) + 1 {
                report(path, "seal \((before?.number ?? 0) + 1) of the chain is missing", remedy: Verification.restore)
            }
            do {
                let seal = try archive.seal(environment, known.path)
                try check(seal, at: path, as: known, after: before)
                if seal.statement.sealed < sealed {
                    report(
                        path, "it was made before the seal before it: the clock was set back",
                        remedy: Verification.restore)
                }
                sealed = seal.statement.sealed
                try checkSignature(path)
                if known.revision != revisions[known.day, default: 0] + 1 {
                    report(
                        path, "revision \(revisions[known.day, default: 0] + 1) of the day is missing",
                        remedy: Verification.restore)
                }
                let isSelected = selection.from ?? known.day <= known.day && known.day <= selection.to ?? known.day
                if isSelected { seals[known.day, default: []].append(seal) }
            } catch let error as ArchiveError {
                report(error, at: path)
            }
            revisions[known.day] = known.revision
            before = known
        }
        let known = Set(try snapshot.seals(environment).map(\.path))
        for path in try archive.sealPaths(environment) where !known.contains(path) {
            // A sweep writes a seal before it adds it to the index. If it is interrupted in between, the next sweep adds it.
            do {
                if try archive.seal(environment, path).statement.number <= known.count {
                    report("\(folder)/\(path)", "the chain has another seal in its place", remedy: Verification.restore)
                }
            } catch let error as ArchiveError {
                report(error, at: "\(folder)/\(path)")
            }
        }
        return seals
    }

    /// Checks a seal alone: the index has its hash, and it contains the hash of the seal before it.
    private mutating func check(
        _ seal: Seal, at path: String, as known: IndexSnapshot.IndexedSeal, after before: IndexSnapshot.IndexedSeal?
    ) throws {
        let statement = seal.statement
        if seal.hash != known.hash {
            report(path, "its SHA-256 is \(seal.hash), and the index has \(known.hash)", remedy: Verification.reindex)
        }
        if statement.number != known.number || statement.day != known.day
            || statement.revision != known.revision || statement.environment != known.environment
            || statement.sweep != known.sweep || statement.archive != archive.identity.archive
        {
            report(
                path, "its statement belongs to another seal than the one in the index", remedy: Verification.restore)
        }
        if statement.previous != before?.path
            || seal.previous != before.map({ ChecksumLine(hash: $0.hash, path: $0.path) })
        {
            report(
                path, "it does not name the seal before it, \(before?.path ?? "none"), with its hash",
                remedy: Verification.restore)
        }
        if statement.leaves != seal.leaves {
            report(
                path, "it lists \(seal.leaves) leaves, and its statement says \(statement.leaves)",
                remedy: Verification.restore)
        }
    }

    private mutating func checkSignature(_ path: String) throws {
        let signature = SealSignature.path(ofSeal: path)
        guard try archive.root.status(of: signature) != nil, let bytes = try archive.root.contents(of: path) else {
            guard verification.allowedSigners != nil else { return }
            return report(path, "it is not signed", remedy: "run `daybook sweep` with --sign-key")
        }
        result.signatures += 1
        let fault = try SealSignature.fault(
            of: bytes, signature: archive.root.path(of: signature), allowedSigners: verification.allowedSigners)
        if let fault {
            report(signature, "it is not a signature of the seal beside it: \(fault)", remedy: Verification.restore)
        }
    }

    /// The number of leaves that are read before they are checked on all threads.
    private static let leavesAtATime = 1024

    /// Checks what a seal closes: each leaf, the states of the files that it lists, and the sums.
    ///
    /// - Parameter isNewest: Whether it is the last seal of its day.
    mutating func checkLeaves(of seal: Seal, _ checked: Verification.CheckedFiles, isNewest: Bool) throws {
        let folder = ArchivePath.environment(seal.statement.environment)
        let path = "\(folder)/\(seal.path)"
        let leafCheck = LeafCheck(archive, checked, folder: folder)
        var sum = Counts()
        var reader = try LeafReader(seal, in: archive)
        var leaves: [LeafReader.Unchecked] = []
        repeat {
            leaves.removeAll(keepingCapacity: true)
            while leaves.count < Self.leavesAtATime, let leaf = try reader.nextUnchecked() { leaves.append(leaf) }
            try pipeline.run(leaves.count, inBatches: true) {
            } produce: { [leaves] _, number in
                let leaf = try leaves[number].checked()
                var check = leafCheck
                check.run(leaf)
                return (leaf.statement.counts, check.findings)
            } consume: { _, checked in
                let (counts, findings) = checked
                sum += counts
                result.findings += findings
            }
        } while !leaves.isEmpty
        let stated = seal.statement.counts
        let day = DayKey(environment: seal.statement.environment, day: seal.statement.day.description)
        if isNewest, pruned.contains(day), recorded[day] != stated {
            report(
                path, "the records of the day, which was pruned, do not have the counts that it closes",
                remedy: Verification.restore)
        }
        sum.received = stated.received
        sum.bytes = stated.bytes
        if sum != stated || !stated.areConserved {
            report(
                path, "its statement's sums are not those of its leaves, or do not add up", remedy: Verification.restore
            )
        }
    }
}
