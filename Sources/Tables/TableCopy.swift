package import Archive
package import ArchiveIndex
internal import DurableFiles
package import Parallel
internal import Webhooks

/// Keeps a copy of an archive for analysis: a Parquet file for each environment and month, or day, in one folder.
///
///     <folder>/_tables.json                       what the tables were made from: ``TableManifest``
///     <folder>/_tables.lock                       held by a run
///     <folder>/<environment>-<YYYY-MM>.parquet    the events of a month, by business and time of receipt
///     <folder>/.<file>.tmp                        a table that is being written
///
/// | after a crash | on disk | the next run |
/// | --- | --- | --- |
/// | while writing a table | its `.tmp`, and the old table | removes the `.tmp`, and writes the table |
/// | after the table's rename | the new table, and its old entry in the manifest | writes the table again |
/// | after the manifest's rename | the new table and its entry | leaves the table as it is |
///
/// It takes no lock on the archive. Each table is read from one snapshot of the index.
package struct TableCopy {
    let archive: ArchiveFolder
    private let index: IndexDatabase
    let path: String
    private let columns: TableColumns
    private let granularity: TableGranularity
    private let python: PythonProgram
    private let pipeline: Pipeline
    private let progress: (String, Int, Int) -> Void
    private let damage: (any Error) -> Void

    static let lock = "_tables.lock"

    /// - Parameters:
    ///   - path: The folder of the tables, which is created if it does not exist.
    ///   - progress: Called with a file, the number of bytes of archives that were read, and their total.
    ///   - damage: Called for each file, block or line that cannot be read and is left out.
    package init(
        of archive: ArchiveFolder, _ index: IndexDatabase, to path: String, _ columns: TableColumns,
        by granularity: TableGranularity, python: PythonProgram, pipeline: Pipeline,
        progress: @escaping (String, Int, Int) -> Void = { _, _, _ in }, damage: @escaping (any Error) -> Void
    ) {
        self.archive = archive
        self.index = index
        self.path = path
        self.columns = columns
        self.granularity = granularity
        self.python = python
        self.pipeline = pipeline
        self.progress = progress
        self.damage = damage
    }

    /// Writes the tables whose events have changed, and removes those that have none any more.
    ///
    /// - Throws: ``TablesError``; `FolderLock.Held` if another run is writing to the folder; errors of the index and of files.
    package func run() throws -> TablesReport {
        try requireFolderOutsideArchive()
        let folder = try Folder.make(path)
        try requireOwnFolder(folder)
        return try folder.withLock(named: Self.lock, purpose: "the tables of \(archive.root.path)") {
            try update(folder)
        }
    }

    // MARK: - A run

    private func update(_ folder: Folder) throws -> TablesReport {
        var manifest = try readManifest(folder)
        let (last, started, recorded) = try index.read { snapshot in
            let last = try snapshot.lastSweep()
            return (last, try snapshot.started(of: last), try manifest.sweep.flatMap { try snapshot.started(of: $0) })
        }
        if manifest.sweep == last, manifest.started == started,
            try manifest.tables.allSatisfy({ try isCurrent($0, in: folder) })
        {
            return TablesReport(sweep: last, unchanged: manifest.tables.count)
        }
        // If the sweep of that number is another one, the archive was restored from a backup, and numbers mean nothing.
        if recorded != manifest.started { manifest.tables = manifest.tables.map(\.incomplete) }

        let sources = try self.sources()
        var report = TablesReport(sweep: last)
        try removeOthers(than: Set(sources.keys), from: folder, &manifest, &report)
        let stale = try sources.keys.sorted().filter { period in
            guard let entry = manifest[period.fileName], entry.source == sources[period] else { return true }
            return try !isCurrent(entry, in: folder)
        }
        report.unchanged = sources.count - stale.count
        if !stale.isEmpty { try python.check() }
        var state = Progress(
            total: try index.read { snapshot in
                try stale.reduce(0) { try $0 + snapshot.gzipBytesOfArchives(in: $1.selection) }
            }, misfits: columns.ofPointers.map { _ in TableReader.Misfits() })
        for period in stale {
            let entry = try write(period, sources[period] ?? .init(), to: folder, &state)
            manifest[period.fileName] = entry
            try manifest.write(to: folder)
            report.add(entry, of: period)
        }
        for (column, misfits) in zip(columns.ofPointers, state.misfits) { report.add(misfits, in: column) }
        report.damaged = state.damaged
        (manifest.sweep, manifest.started) = (last, started)
        try manifest.write(to: folder)
        return report
    }

    /// How far a run is.
    private struct Progress {
        let total: Int
        var misfits: [TableReader.Misfits]
        /// The size of the archives of the tables that are written.
        var done = 0
        var damaged = 0
    }

    /// Returns the manifest, in which tables of other columns are not complete.
    private func readManifest(_ folder: Folder) throws -> TableManifest {
        let wanted = TableManifest(
            archive: archive.identity.archive, by: granularity, columns: columns.ofPointers.map(\.description))
        guard var manifest = try TableManifest.read(in: folder, of: archive) else {
            try folder.syncIntoParent()
            try wanted.write(to: folder)
            return wanted
        }
        if manifest.format == wanted.format, manifest.columns == wanted.columns, manifest.by == wanted.by {
            return manifest
        }
        manifest.tables = manifest.tables.map(\.incomplete)
        (manifest.format, manifest.columns, manifest.by) = (wanted.format, wanted.columns, wanted.by)
        // From here on, a table of the other columns is never taken for one of these.
        try manifest.write(to: folder)
        return manifest
    }

    /// Whether a table is complete, and nobody has changed or removed its file.
    private func isCurrent(_ entry: TableManifest.Entry, in folder: Folder) throws -> Bool {
        try entry.isComplete && folder.status(of: entry.file)?.size == entry.bytes
    }

    /// Returns the tables to have, and what they are made from.
    private func sources() throws -> [TablePeriod: TableManifest.Source] {
        let (days, damage) = try index.read { (try $0.indexedDays(), try $0.damage()) }
        var sources: [TablePeriod: TableManifest.Source] = [:]
        var wanted: Set<TablePeriod> = []
        for day in days {
            let period = TablePeriod(day.environment, around: day.day, granularity)
            sources[period, default: .init()].add(day)
            if day.hasArchives { wanted.insert(period) }
        }
        // If all archives of a period are damaged, the index has none of them.
        for parts in damage.compactMap({ ArchivePath.parse($0.path) }) where !parts.isLedger {
            wanted.insert(TablePeriod(parts.environment, around: parts.day, granularity))
        }
        return Dictionary(uniqueKeysWithValues: wanted.map { ($0, sources[$0] ?? .init()) })
    }

    // MARK: - A table

    private func write(
        _ period: TablePeriod, _ source: TableManifest.Source, to folder: Folder, _ state: inout Progress
    ) throws -> TableManifest.Entry {
        while true {
            let snapshotted = try index.read { try $0.lastSweep() }
            let (entry, misfits, faults) = try attempt(period, source, in: folder, state)
            // An erasure or a prune may have changed files under the snapshot.
            if !faults.isEmpty, try index.read({ try $0.lastSweep() }) != snapshotted { continue }
            for fault in faults { damage(fault) }
            state.damaged += faults.count
            for index in misfits.indices { state.misfits[index].add(misfits[index]) }
            state.done += try index.read { try $0.gzipBytesOfArchives(in: period.selection) }
            return entry
        }
    }

    private func attempt(
        _ period: TablePeriod, _ source: TableManifest.Source, in folder: Folder, _ state: Progress
    ) throws -> (TableManifest.Entry, [TableReader.Misfits], faults: [any Error]) {
        let name = period.fileName
        let file = try folder.newFile(".\(name)\(Self.temporarySuffix)", replacingLeftover: true)
        do {
            var writer = try ParquetWriter(
                python, to: file, columns,
                metadata: [
                    "daybook.archive": archive.identity.archive, "daybook.time_zone": archive.identity.timeZone,
                    "daybook.sweep": "\(source.sweep)",
                ])
            let (reader, faults) = try index.read { snapshot in
                var reader = TableReader(columns, of: archive, snapshot, pipeline)
                var faults: [any Error] = []
                try reader.run(period) {
                    progress(name, state.done + $0, state.total)
                } damage: {
                    faults.append($0)
                } _: { rows, row in
                    try writer.append(row: row, of: rows)
                }
                return (reader, faults)
            }
            try writer.finish()
            try file.commit(as: name)
            let entry = TableManifest.Entry(
                file: name, bytes: try folder.status(of: name)?.size ?? 0, events: reader.counts.events,
                archives: reader.counts.archives, source: source, isComplete: faults.isEmpty)
            return (entry, reader.misfits, faults)
        } catch let failed as ParquetWriter.Failed {
            throw TablesError.notWritten(
                folder.path(of: name), failed.cause.isEmpty ? "\(python.path) was ended" : failed.cause)
        }
    }
}

extension TableManifest.Entry {
    /// The entry of a table that has to be written again.
    fileprivate var incomplete: Self {
        var entry = self
        entry.isComplete = false
        return entry
    }
}
