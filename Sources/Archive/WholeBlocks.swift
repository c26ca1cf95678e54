internal import DurableFiles
internal import Webhooks

/// Reads the blocks of a damaged file that are whole, with the numbers of their lines.
///
/// The states that sweeps recorded say where a sweep's blocks begin and end. What is lost between two whole blocks of one
/// sweep can only be numbered if it is a single run, so blocks between two runs of damage count as lost.
package struct WholeBlocks {
    private let file: GzipFile
    private let states: [FileChange]

    /// A run of lines that cannot be read.
    package struct Loss: Equatable, Sendable {
        package let lines: Range<Int>
        /// What is wrong, as a clause.
        package let cause: String

        package init(lines: Range<Int>, cause: String) {
            self.lines = lines
            self.cause = cause
        }
    }

    /// - Parameter states: The states that sweeps recorded for the file, in order.
    /// - Returns: `nil` if there is no such file.
    /// - Throws: `FileError` if it cannot be opened.
    package init?(_ path: String, states: [FileChange], in archive: ArchiveFolder) throws {
        guard let opened = try archive.root.file(path) else { return nil }
        file = GzipFile(path: path, whole: opened)
        self.states = states.sinceRewrite
    }

    /// Calls `body` with each whole block and the number of its first line, in order.
    ///
    /// - Returns: The lines that are in no such block.
    package func read(_ body: (GzipScanner.Found, Int) throws -> Void) throws -> [Loss] {
        var losses: [Loss] = []
        for state in states {
            let start = max(GzipMember.header.count, state.before.gzip - GzipMember.endCount)
            let end = state.after.gzip - GzipMember.endCount
            var line = state.before.lines
            let first = try run(from: start, to: end) { found in
                try body(found, line)
                line += found.block.lines
            }
            if first.end == end, line == state.after.lines { continue }
            let cause = first.cause ?? "it does not have the \(state.after.lines) lines that were recorded"
            let rest = try lastRun(after: first.end, to: end)
            let isNumbered = rest.map { line + $0.lines < state.after.lines } ?? false
            let next = isNumbered ? state.after.lines - (rest?.lines ?? 0) : state.after.lines
            losses.append(Loss(lines: line..<max(line, next), cause: cause))
            guard isNumbered, let rest else { continue }
            line = next
            _ = try run(from: rest.start, to: end) { found in
                try body(found, line)
                line += found.block.lines
            }
        }
        return losses
    }

    /// Reads blocks up to the first that is damaged, or to `end`.
    private func run(
        from start: Int, to end: Int, _ body: (GzipScanner.Found) throws -> Void
    ) throws -> (end: Int, cause: String?) {
        var scanner = GzipScanner(file, from: start)
        var offset = start
        while offset < end {
            let found: GzipScanner.Found?
            do {
                found = try scanner.next()
            } catch ArchiveError.differs(_, let cause) {
                return (offset, cause)
            } catch let error as FileError where error.isOfReading {
                return (offset, "\(error)")
            }
            guard let found, offset + found.block.gzipBytes <= end else {
                return (offset, "the block at byte \(offset) is not one of those that were recorded")
            }
            try body(found)
            offset += found.block.gzipBytes
        }
        return (offset, nil)
    }

    /// Returns the first place after the damage from which every block up to `end` is whole, and the number of their lines.
    private func lastRun(after damage: Int, to end: Int) throws -> (start: Int, lines: Int)? {
        var start = damage
        while let next = try file.nextFlush(from: start, before: end), next < end {
            var lines = 0
            let reached = try run(from: next, to: end) { lines += $0.block.lines }.end
            if reached == end { return (next, lines) }
            // From any block in between, the same damage would be reached.
            start = max(next - GzipMember.flush.count + 1, reached)
        }
        return nil
    }
}
