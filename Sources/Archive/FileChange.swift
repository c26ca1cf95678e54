package import Webhooks

/// A file that grew in a sweep: a line of the sweep's record after the first.
///
///     {"path":"environment=…","lines_before":0,"lines":1,"text_before":0,"text":417,"gzip_before":0,"gzip":293,"sha256":…}
package struct FileChange: Equatable, Sendable {
    /// The path, relative to the archive's root.
    package var path: String
    package var before: Lengths
    package var after: Lengths
    /// The SHA-256 of the compressed file afterwards.
    package var hash: ContentHash

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

    package init(path: String, before: Lengths, after: Lengths, hash: ContentHash) {
        self.path = path
        self.before = before
        self.after = after
        self.hash = hash
    }

    /// The growth of the compressed file, in bytes.
    package var growth: Int { after.gzip &- before.gzip }

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
        line.close()
        return line.bytes
    }
}

extension FileChange {
    package init(path: String, before: GzipState?, after: GzipState) {
        self.init(path: path, before: Lengths(before), after: Lengths(after), hash: after.hash)
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
            guard before.lines <= after.lines, before.text <= after.text, before.gzip <= after.gzip else {
                throw LineFault("a length before is greater than the one after")
            }
            return FileChange(
                path: try members.value("path").text, before: before, after: after, hash: try members.hash("sha256"))
        }
    }
}

extension FileChange.Lengths {
    /// The lengths of a state; 0 if there is none.
    package init(_ state: GzipState?) {
        self.init(lines: state?.lines ?? 0, text: state?.textBytes ?? 0, gzip: state?.gzipBytes ?? 0)
    }
}
