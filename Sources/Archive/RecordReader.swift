internal import DurableFiles
internal import Foundation
internal import Webhooks

/// Reads a sweep's record from its file, line by line: memory holds one block, however many files the sweep changed.
package struct RecordReader {
    package let record: SweepRecord
    private let fullPath: String
    private var scanner: GzipScanner
    /// The lines of the current block that were not returned yet.
    private var text: ArraySlice<UInt8>
    private var files = 0
    private var compressed = 0
    private var last = ""

    /// Opens the record at `path`. Returns `nil` if there is none.
    ///
    /// - Throws: ``ArchiveError`` if its first line cannot be read.
    init?(_ path: String, in root: Folder) throws {
        guard let file = try root.file(path) else { return nil }
        fullPath = root.path(of: path)
        scanner = try GzipScanner(GzipFile(path: path, whole: file))
        text = try scanner.next()?.text[...] ?? []
        record = try RecordCoding.decode(SweepRecord.self, from: Array(Self.line(from: &text)), path: fullPath)
    }

    /// Returns the next changed file, or `nil` after the last.
    ///
    /// - Throws: ``ArchiveError`` if the record is damaged, or does not list what its first line counts.
    package mutating func next() throws -> FileChange? {
        if text.isEmpty { text = try scanner.next()?.text[...] ?? [] }
        guard !text.isEmpty else {
            guard files == record.files, compressed == record.compressed else {
                throw ArchiveError.differs(
                    fullPath, "it does not list the \(record.files) files that its first line counts")
            }
            return nil
        }
        do {
            let change = try FileChange(Self.line(from: &text))
            guard last.utf8.lexicographicallyPrecedes(change.path.utf8) else {
                throw LineFault("its path is not after the one before")
            }
            guard change.isAllowed(in: record.kind) else {
                throw LineFault("its lengths are not those of a change by a record of kind \(record.kind.rawValue)")
            }
            last = change.path
            files += 1
            compressed &+= change.growth
            return change
        } catch let fault as LineFault {
            throw ArchiveError.differs(fullPath, "line \(files + 2) cannot be parsed: \(fault)")
        }
    }

    /// Removes the first line, and returns it without its LF.
    private static func line(from text: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let line = text.prefix { $0 != UInt8(ascii: "\n") }
        text = text[line.endIndex...].dropFirst()
        return line
    }
}

extension FileChange {
    /// Whether a record of this kind can have made such a change.
    fileprivate func isAllowed(in kind: SweepRecord.Kind) -> Bool {
        guard kind.rewrites else {
            return before.lines < after.lines && before.text < after.text && before.gzip < after.gzip
        }
        return hashBefore != nil && after.lines == (kind == .prune ? 0 : before.lines)
            && isRemoval == (kind == .prune)
    }
}
