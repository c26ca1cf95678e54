internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Webhooks

extension RepairRun {
    /// Restores archive files and ledgers, block by block, to their last recorded state.
    mutating func restoreFiles() throws {
        var found: [(path: String, cause: String, sources: [String]?)] = []
        let pruned = try daysPrunedWithoutRecord()
        try states.forEachFile { path, recorded in
            var states = recorded.map(\.change)
            guard let last = states.last, !last.isRemoval else { return }
            if let parts = ArchivePath.parse(path), pruned[parts.environment]?[parts.day] != nil { return }
            // The last sweep of the file may be one without a record.
            if !missingRecords.isEmpty, let known = try indexed(path), known.sweep > recorded.last?.sweep ?? 0 {
                let isRewritten = try index?.read { try $0.kind(of: known.sweep) }?.rewrites ?? false
                states.append(
                    FileChange(path: path, before: isRewritten ? known.state : nil, after: known.state))
            }
            if let it = try restore(path, states) { found.append((path, it.cause, it.sources)) }
        }
        for path in try pathsWithoutRecord() {
            guard let known = try indexed(path) else { continue }
            let state = FileChange(path: path, before: nil, after: known.state)
            if let it = try restore(path, [state]) { found.append((path, it.cause, it.sources)) }
        }
        found.sort { $0.path < $1.path }
        for it in found { report(it.path, it.cause, from: it.sources) }
    }

    /// Returns what is wrong with a file and where its bytes are from, or `nil` if it is as recorded.
    private func restore(_ path: String, _ states: [FileChange]) throws -> (cause: String, sources: [String]?)? {
        guard let last = states.last else { return nil }
        try progress(path)
        guard let cause = try difference(path, last) else { return nil }
        // What is there is the first choice: if a file has only grown, it needs no copy.
        let files = [try? archive.root.file(path)] + copies.map { $0.file(path) }
        let names = ["itself"] + copies.map(\.path)
        let present = zip(names, files).compactMap { name, file in file.map { (name, $0) } }
        guard let assembly = FileAssembly(of: states, blocks: try blocks(path, last), from: present.map(\.1)) else {
            return (cause, nil)
        }
        if acts { try replace(path, with: assembly) }
        return (cause, assembly.sources.sorted().map { present[$0].0 })
    }

    /// Returns how a file differs from a state, or `nil` if it does not.
    private func difference(_ path: String, _ state: FileChange) throws -> String? {
        do {
            return try Self.difference(archive.root.file(path), state)
        } catch let error as FileError where error.isOfReading {
            return "\(error)"
        }
    }

    private static func difference(_ file: ReadFile?, _ state: FileChange) throws -> String? {
        guard let file else { return "it is missing" }
        guard file.size == state.after.gzip else {
            return "it has \(file.size) bytes, and \(state.after.gzip) were recorded"
        }
        let hash = try hash(of: file)
        return hash == state.hash ? nil : "its SHA-256 is \(hash), and \(state.hash) was recorded"
    }

    /// Returns the hashes of a file's blocks by their offsets, as far as the index has them for this state.
    private func blocks(_ path: String, _ state: FileChange) throws -> [Int: ContentHash] {
        guard let index, ArchivePath.parse(path)?.isLedger == false else { return [:] }
        return try index.read { snapshot in
            guard let file = try snapshot.file(.archives, path: path), file.state.hash == state.hash else { return [:] }
            return Dictionary(
                try snapshot.blocks(of: file).map { ($0.offset, $0.block.hash) }, uniquingKeysWith: { $1 })
        }
    }

    /// Returns the index's row for a file, or `nil` if it has none.
    func indexed(_ path: String) throws -> IndexedFile? {
        let kind: IndexedFile.Kind = ArchivePath.parse(path)?.isLedger == true ? .ledgers : .archives
        return try index?.read { try $0.file(kind, path: path) }
    }

    /// Returns the days that records pruned which are missing, by environment.
    func daysPrunedWithoutRecord() throws -> [Environment: [CivilDate: Int]] {
        guard !missingRecords.isEmpty, let index else { return [:] }
        return try index.read { snapshot in
            try Dictionary(
                uniqueKeysWithValues: Environment.allCases.map {
                    ($0, try snapshot.prunedDays($0).filter { missingRecords[$0.value] != nil })
                })
        }
    }

    /// Returns the paths of the files that only sweeps without a record wrote.
    func pathsWithoutRecord() throws -> [String] {
        guard !missingRecords.isEmpty, let index else { return [] }
        var paths: [String] = []
        try index.read { snapshot in
            for kind in [IndexedFile.Kind.archives, .ledgers] {
                try snapshot.forEachFile(kind) { file in
                    if missingRecords[file.firstSweep] != nil, try states.states(of: file.path).isEmpty {
                        paths.append(file.path)
                    }
                }
            }
        }
        return paths
    }
}
