package import Webhooks

/// A file that a sweep changed: a line of the sweep's record after the first.
///
///     {"path":"environment=…","lines_before":0,"lines":1,"text_before":0,"text":417,"gzip_before":0,"gzip":293,"sha256":…}
///
/// A sweep only appends lines. An erasure, a pruning and a salvage write a file again with as many lines, or remove it;
/// their changes end with `"sha256_before":…`, by which copies of what was there can be found.
package struct FileChange: Equatable, Sendable {
    /// The path, relative to the archive's root.
    package var path: String
    package var before: Lengths
    package var after: Lengths
    /// The SHA-256 of the compressed file afterwards, which is that of no bytes if it was removed.
    package var hash: ContentHash
    /// The SHA-256 of the compressed file before, if it was rewritten or removed.
    package var hashBefore: ContentHash?

    package struct Lengths: Equatable, Sendable {
        package var lines: Int
        /// The size of the text, in bytes.
        package var text: Int
        /// The compressed size, in bytes.
        package var gzip: Int

        package init(lines: Int, text: Int, gzip: Int) {
            self.lines = lines
            self.text = text
            self.gzip = gzip
        }
    }

    package init(
        path: String, before: Lengths, after: Lengths, hash: ContentHash, hashBefore: ContentHash? = nil
    ) {
        self.path = path
        self.before = before
        self.after = after
        self.hash = hash
        self.hashBefore = hashBefore
    }

    /// The growth of the compressed file, in bytes. It may be negative if the file was rewritten.
    package var growth: Int { after.gzip &- before.gzip }
    /// Whether the file was written again, or removed, and earlier states cannot be read from it any more.
    package var isRewrite: Bool { after.lines <= before.lines }
    package var isRemoval: Bool { after.gzip == 0 }

    /// The line, including its LF.
    package var bytes: [UInt8] {
        var line = LineBytes()
        line.open(first: "path", path)
        line.add("lines_before", number: before.lines)
        line.add("lines", number: after.lines)
        line.add("text_before", number: before.text)
        line.add("text", number: after.text)
        line.add("gzip_before", number: before.gzip)
        line.add("gzip", number: after.gzip)
        line.add("sha256", hash)
        if let hashBefore { line.add("sha256_before", hashBefore) }
        line.close()
        return line.bytes
    }
}

extension [FileChange] {
    /// The states that can be read from the file: those since it was last rewritten, as if it had been new then.
    ///
    /// It was also rewritten where a record is missing between two states with as many lines but other lengths.
    package var sinceRewrite: [FileChange] {
        let last = indices.last { index in
            if self[index].isRewrite { return true }
            guard index > 0, self[index].before != self[index - 1].after else { return false }
            return self[index].before.lines == self[index - 1].after.lines
        }
        guard let last else { return self }
        var states = Array(self[last...])
        states[0].before = FileChange.Lengths(nil)
        return states
    }
}

extension FileChange {
    /// A file that grew.
    package init(path: String, before: GzipState?, after: GzipState) {
        self.init(path: path, before: Lengths(before), after: Lengths(after), hash: after.hash)
    }

    /// A file that was rewritten, or removed if there is no state after.
    package init(path: String, rewritten before: GzipState, as after: GzipState?) {
        self.init(
            path: path, before: Lengths(before), after: Lengths(after), hash: after?.hash ?? ContentHash(of: []),
            hashBefore: before.hash)
    }

    /// Parses a line, without its LF.
    package init(_ line: some Collection<UInt8>) throws(LineFault) {
        let line = Array(line)
        self = try line.span.withUnsafeBytes { line throws(LineFault) in
            let members = try LineReader(line, before: nil)
            let before = Lengths(
                lines: try members.number("lines_before"), text: try members.number("text_before"),
                gzip: try members.number("gzip_before"))
            let after = Lengths(
                lines: try members.number("lines"), text: try members.number("text"), gzip: try members.number("gzip"))
            return FileChange(
                path: try members.value("path").text, before: before, after: after, hash: try members.hash("sha256"),
                hashBefore: try members["sha256_before"].map { _ throws(LineFault) in
                    try members.hash("sha256_before")
                })
        }
    }
}

extension FileChange.Lengths {
    /// The lengths of a state; 0 if there is none.
    package init(_ state: GzipState?) {
        self.init(lines: state?.lines ?? 0, text: state?.textBytes ?? 0, gzip: state?.gzipBytes ?? 0)
    }
}
