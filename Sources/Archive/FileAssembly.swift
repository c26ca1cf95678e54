package import DurableFiles
package import Webhooks

/// The recorded state of a compressed file, put together from copies of it, each of which may be damaged, cut, older or
/// newer.
///
/// Since a file only grows at its end, a block has the same offset in each copy. At each offset, the blocks that a copy
/// has there are tried, and what results must have the recorded hash after each sweep. So a block of one copy and the
/// next of another are as good as a whole copy.
package struct FileAssembly {
    /// A run of bytes of one copy.
    private struct Piece {
        let copy: Int
        let offset: Int
        var count: Int
    }

    /// The beginning of the file up to some block.
    private struct Progress {
        var offset = GzipMember.header.count
        var crc32: UInt32 = 0
        var textBytes = 0
        var hash = RunningHash()
        var pieces: [Piece] = []

        /// The last ten bytes of the file if it ended here.
        var end: [UInt8] { GzipMember.end(crc32: crc32, textBytes: textBytes) }

        mutating func take(_ block: GzipBlock, _ bytes: [UInt8], of copy: Int) {
            if let last = pieces.last, last.copy == copy {
                pieces[pieces.count - 1].count += bytes.count
            } else {
                pieces.append(Piece(copy: copy, offset: offset, count: bytes.count))
            }
            offset += bytes.count
            crc32 = GzipMember.combine(crc32, block.crc32, secondCount: block.textBytes)
            textBytes += block.textBytes
            hash.add(bytes)
        }
    }

    /// A block as one of the copies has it. Its bytes are read again when it is taken, since many may wait.
    private struct Candidate {
        let copy: Int
        let block: GzipBlock
    }

    private let copies: [ReadFile]
    private let known: [Int: ContentHash]
    private let hash: ContentHash
    private var progress = Progress()

    /// The number of times that another block is tried where copies have different ones.
    private static let tries = 256

    /// Returns `nil` if the copies together do not have the bytes.
    ///
    /// - Parameters:
    ///   - states: The states that sweeps recorded for the file, in order. The last one is put together.
    ///   - blocks: The hashes of blocks by offset, as far as they are known.
    ///   - copies: The copies. Earlier ones are preferred.
    package init?(of states: [FileChange], blocks: [Int: ContentHash], from copies: [ReadFile]) {
        guard let last = states.last else { return nil }
        self.copies = copies
        known = blocks
        hash = last.hash
        progress.hash.add(GzipMember.header)
        for state in states.sinceRewrite {
            guard let next = extended(to: state) else { return nil }
            progress = next
        }
    }

    /// The copies that bytes are taken from, by index.
    package var sources: Set<Int> { Set(progress.pieces.map(\.copy)) }

    /// Writes the file.
    ///
    /// - Throws: ``ArchiveError/differs(_:_:)`` if a copy has changed since.
    package func write(to file: inout NewFile, path: String) throws {
        var hash = RunningHash()
        func write(_ bytes: [UInt8]) throws {
            hash.add(bytes)
            try file.write(bytes)
        }
        try write(GzipMember.header)
        for piece in progress.pieces {
            var offset = piece.offset
            while offset < piece.offset + piece.count {
                let bytes = try copies[piece.copy].read(
                    at: offset, count: min(1 << 18, piece.offset + piece.count - offset))
                guard !bytes.isEmpty else { throw ArchiveError.differs(path, "its copy was cut while it was read") }
                try write(bytes)
                offset += bytes.count
            }
        }
        try write(progress.end)
        guard hash.value == self.hash else {
            throw ArchiveError.differs(path, "its copy was changed while it was read")
        }
    }

    /// Returns the beginning of the file up to a state, or `nil` if no choice of blocks has its hash.
    private func extended(to state: FileChange) -> Progress? {
        let end = state.after.gzip - GzipMember.endCount
        var progress = progress
        var others: [(at: Progress, candidates: ArraySlice<Candidate>)] = []
        var tries = 0
        while true {
            if progress.offset == end {
                var hash = progress.hash
                hash.add(progress.end)
                if hash.value == state.hash { return progress }
            }
            var candidates = progress.offset < end ? candidates(at: progress.offset, before: end)[...] : []
            if candidates.isEmpty {
                guard tries < Self.tries, let other = others.popLast() else { return nil }
                tries += 1
                (progress, candidates) = other
            }
            guard let next = candidates.popFirst() else { return nil }
            if !candidates.isEmpty { others.append((progress, candidates)) }
            guard let bytes = try? copies[next.copy].read(at: progress.offset, count: next.block.gzipBytes),
                bytes.count == next.block.gzipBytes
            else { return nil }
            progress.take(next.block, bytes, of: next.copy)
        }
    }

    /// Returns the different blocks that the copies have at an offset.
    private func candidates(at offset: Int, before end: Int) -> [Candidate] {
        var candidates: [Candidate] = []
        for (index, copy) in copies.enumerated() where copy.size > offset {
            var scanner = GzipScanner(GzipFile(path: copy.path, whole: copy), from: offset)
            // A copy that is damaged or cannot be read here is of no use here.
            guard let found = try? scanner.next(), offset + found.block.gzipBytes <= end,
                known[offset] ?? found.block.hash == found.block.hash,
                !candidates.contains(where: { $0.block.hash == found.block.hash })
            else { continue }
            candidates.append(Candidate(copy: index, block: found.block))
        }
        return candidates
    }
}
