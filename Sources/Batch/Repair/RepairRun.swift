internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Parallel
internal import Webhooks

/// A repair at work. ``Repair/run()`` calls the steps in order.
struct RepairRun {
    let archive: ArchiveFolder
    let copies: [RepairCopy]
    let acts: Bool
    let pipeline: Pipeline
    let progress: (String) throws -> Void
    /// The index, or `nil` while it is missing or damaged.
    var index: IndexDatabase?
    /// What is wrong with the index.
    var indexCause = "it is missing"
    /// The states of all files, from the records that can be read.
    let states: RecordedStates
    /// The sweeps without a record that can be read, and what is wrong with it.
    var missingRecords: [Int: String] = [:]
    /// The damaged files that were found so far.
    private(set) var files: [RepairedFile] = []

    /// - Parameter damagedIndex: What is wrong with the index, if that is known; then it is not used.
    init(
        _ archive: ArchiveFolder, _ copies: [RepairCopy], damagedIndex: String? = nil, acts: Bool,
        pipeline: Pipeline, progress: @escaping (String) throws -> Void
    ) throws {
        self.archive = archive
        self.copies = copies
        self.acts = acts
        self.pipeline = pipeline
        self.progress = progress
        states = try RecordedStates()
        if let damagedIndex { indexCause = damagedIndex } else { try openIndex() }
        // A file that an interrupted sweep has published is longer than the other records have it.
        if index == nil { try Recovery(archive).publishUnknown(after: 0, hasIndex: false) }
    }

    /// A repair by a sweep, which has the index and no copies.
    init(_ archive: ArchiveFolder, index: IndexDatabase) throws {
        self.archive = archive
        copies = []
        acts = true
        pipeline = Pipeline()
        progress = { _ in }
        states = try RecordedStates()
        self.index = index
    }

    /// Opens the index if it is sound, and completes or undoes an interrupted sweep.
    private mutating func openIndex() throws {
        do {
            guard try IndexDatabase.exists(in: archive) else { return }
            let found = try IndexDatabase.open(forWritingIn: archive)
            guard try found.isSound() else {
                indexCause = "its structure is damaged"
                return
            }
            index = found
            index = try Recovery(archive).run().index
        } catch IndexError.corrupt(_, let cause) {
            index = nil
            indexCause = "it cannot be read: \(cause)"
        } catch  where BlockedFile(error) != nil {
            // Recovery met the damage that this repair is for. An index that a repair began to rebuild has less than the files.
            let last = try archive.recordedSweeps().last ?? 0
            guard try index?.read({ try $0.lastSweep() }) ?? 0 < last else { return }
            index = nil
            indexCause = "it does not have all sweeps"
        }
    }

    /// Whether all damage so far was restored, or would be.
    var isWhole: Bool { files.allSatisfy { $0.outcome != .lost } }

    mutating func report(_ path: String, _ cause: String, from sources: [String]?) {
        files.append(
            RepairedFile(
                path: path, cause: cause, outcome: sources == nil ? .lost : acts ? .restored : .restorable,
                from: sources ?? []))
    }

    /// Replaces a file by a copy that was checked.
    func replace(_ path: String, with copy: ReadFile) throws {
        guard acts else { return }
        let (folder, name) = ArchivePath.split(path)
        var file = try archive.root.makeFolder(folder).newFile(".\(name).tmp", replacingLeftover: true)
        try copy.forEachPiece { bytes throws(FileError) in try file.write(bytes) }
        guard file.size == copy.size else { throw ArchiveError.differs(copy.path, "it was cut while it was read") }
        try file.commit(as: name)
    }

    /// Replaces a file by what copies of it have together.
    func replace(_ path: String, with assembly: FileAssembly) throws {
        let (folder, name) = ArchivePath.split(path)
        var file = try archive.root.makeFolder(folder).newFile(".\(name).tmp", replacingLeftover: true)
        try assembly.write(to: &file, path: path)
        try file.commit(as: name)
    }

    // MARK: - `_daybook.json`

    mutating func restoreMarkers() throws {
        let source = archive.damagedMarkers.count > 1 ? copies.first { $0.archive != nil }?.path : "its copy"
        for marker in archive.damagedMarkers {
            report(marker, "it is missing or damaged", from: source.map { [$0] })
        }
        if acts { try archive.restoreMarkers() }
    }

    // MARK: - The index

    /// Rebuilds the index if it is missing or damaged.
    mutating func rebuildIndex() throws {
        if let known = index {
            guard try !known.read({ try $0.damage() }).isEmpty else { return }
            indexCause = "it was rebuilt from damaged files"
        }
        guard isWhole else { return report(IndexDatabase.fileName, indexCause, from: nil) }
        report(IndexDatabase.fileName, indexCause, from: ["the files"])
        guard acts else { return }
        if index == nil { try IndexDatabase.remove(in: archive) }
        index = try Rebuild(archive).run()
    }
}
