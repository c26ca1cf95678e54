package import Archive
internal import DurableFiles
package import Webhooks

/// Finds events through the index, and reads only the blocks that contain them.
package struct EventQuery: Sendable {
    package var selection: Selection
    /// The type to match, or `nil` for any.
    package var type: String?
    /// The id to match, or `nil` for any.
    package var id: DeliveryID?

    package init(_ selection: Selection, type: String? = nil, id: DeliveryID? = nil) {
        self.selection = selection
        self.type = type
        self.id = id
    }

    package struct Found {
        /// The line as the archive has it, without its LF.
        package let line: ArraySlice<UInt8>
        package let archive: IndexedFile
        /// The line number in the archive, starting at 0.
        package let number: Int
    }

    /// The work that the search took.
    package struct Cost: Encodable, Sendable {
        package var events = 0
        /// The number of matches that were erased or lost, and are not in `events`.
        package var gone = 0
        package var archives = 0
        /// The number of blocks in those archives.
        package var blocks = 0
        /// The number of blocks that were read and inflated.
        package var blocksInflated = 0
        package var bytesRead = 0

        enum CodingKeys: String, CodingKey {
            case events, gone, archives, blocks
            case blocksInflated = "blocks_inflated"
            case bytesRead = "bytes_read"
        }
    }

    /// Calls `body` for each match, by environment, business, day, and line. Events that are gone are skipped and counted.
    ///
    /// - Parameter damage: Called for each file or block that cannot be read or differs from the index, and that is
    ///   skipped: no line of it is passed to `body`. By default, the error is thrown.
    package func run(
        in archive: ArchiveFolder, _ index: IndexDatabase, damage: (any Error) throws -> Void = { throw $0 },
        _ body: (Found, IndexSnapshot) throws -> Void
    ) throws -> Cost {
        func undamaged<Part>(_ part: () throws -> Part) throws -> Part? {
            do {
                return try part()
            } catch let error as ArchiveError {
                try damage(error)
            } catch let error as FileError where error.isOfReading {
                try damage(error)
            }
            return nil
        }
        return try index.read { snapshot in
            let inflater = Inflater()
            var cost = Cost()
            try forEachCandidate(snapshot) { file in
                let lines = try matches(in: file, snapshot)
                if lines.isEmpty { return }
                guard let opened = try undamaged({ try GzipFile(file.reference, in: archive) }) else { return }
                cost.archives += 1
                var wanted = lines[...]
                for block in try snapshot.blocks(of: file) {
                    cost.blocks += 1
                    let here = wanted.prefix { $0 < block.lines.upperBound }
                    wanted = wanted.dropFirst(here.count)
                    if here.isEmpty { continue }
                    let read = try undamaged {
                        try opened.text(of: block.block, at: block.offset, inflater: inflater)
                    }
                    guard let text = read else { continue }
                    cost.bytesRead += block.block.gzipBytes
                    let all = text.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                    // The index has no block for lines that a rebuild could not read.
                    for number in here where number >= block.firstLine {
                        let line = all[number - block.firstLine]
                        if EventTombstone.isTombstone(line) {
                            cost.gone += 1
                            continue
                        }
                        try body(Found(line: line, archive: file, number: number), snapshot)
                        cost.events += 1
                    }
                }
            }
            // What the index could not be rebuilt from may have had matches.
            for it in try snapshot.damage(in: selection) {
                guard let lines = it.lines, !lines.isEmpty, ArchivePath.parse(it.path)?.isLedger == false else {
                    continue
                }
                try damage(
                    ArchiveError.differs(
                        archive.root.path(of: it.path), "\(lines.count) of its lines are lost: \(it.cause)"))
            }
            cost.blocksInflated = inflater.blocks
            return cost
        }
    }

    /// Calls `body` with each archive that may contain matches.
    private func forEachCandidate(_ snapshot: IndexSnapshot, _ body: (IndexedFile) throws -> Void) throws {
        if let id {
            try snapshot.archives(holding: id, selection).forEach(body)
        } else {
            try snapshot.forEachFile(.archives, in: selection, body)
        }
    }

    /// The numbers of the lines that match, ascending.
    private func matches(in file: IndexedFile, _ snapshot: IndexSnapshot) throws -> [Int] {
        type == nil && id == nil ? Array(0..<file.state.lines) : try snapshot.lines(of: file, type: type, id: id)
    }
}
