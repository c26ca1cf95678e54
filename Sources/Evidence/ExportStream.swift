internal import Archive
internal import DurableFiles
internal import Webhooks

/// An export as a `.tar` that is made as it is taken: into a file by ``Export/write(to:)``, or over a network, and then it
/// is on no disk.
///
/// Its hashes are compared as it is taken, so what a bag holds that does not prove true is known only on the way: then
/// ``next(progress:)`` throws, and what was taken so far has no end, which every reader of `.tar` notices.
package struct ExportStream: Sendable {
    /// As the folder in it, and without `.tar`.
    package let name: String
    private let archive: ArchiveFolder
    private let bagInfo: [(label: String, value: String)]
    private var items: ArraySlice<ExportItem>
    private let modified: Timestamp
    private var bag = ExportManifest()
    private var open: Open?
    private var isFinished = false
    /// Complete at the end.
    private(set) var report: Export.Report

    private struct Open {
        let file: GzipFile
        let path: String
        var offset = 0
        var hash = RunningHash()
    }

    /// - Throws: ``ExportError/nothing(_:late:)``.
    package init(_ export: Export, name: String) throws {
        self.name = name
        archive = export.archive
        bagInfo = export.bagInfo
        let (contents, signers) = try export.contents()
        items = try export.items(contents, signers)[...]
        modified = contents.newest
        report = contents.report
    }

    /// In bytes, of a compressed file at a time.
    private static let piece = 1 << 18

    /// The next bytes; nil at the end.
    ///
    /// - Parameter progress: called with each file before it is copied.
    /// - Throws: ``ArchiveError/differs(_:_:)`` if a file is not as the index or a seal has it.
    package mutating func next(progress: (String) throws -> Void = { _ in }) throws -> [UInt8]? {
        if var file = open {
            let bytes = try file.file.read(at: file.offset, count: Self.piece)
            file.hash.add(bytes)
            file.offset += bytes.count
            open = file
            if !bytes.isEmpty, file.offset < file.file.state.gzipBytes { return bytes }
            guard file.offset == file.file.state.gzipBytes, file.hash.value == file.file.state.hash else {
                throw ArchiveError.differs(
                    file.file.fullPath, "its SHA-256 is \(file.hash.value), and \(file.file.state.hash) was recorded")
            }
            open = nil
            bag.add(file.path, file.hash.value, size: file.offset)
            return bytes + TarEntry.padding(after: file.offset)
        }
        if let item = items.popFirst() {
            try progress(item.path)
            let path = ExportBag.path(of: item.path)
            switch try item.contents(in: archive) {
            case .file(let file):
                open = Open(file: file, path: path)
                return header(path, size: file.state.gzipBytes)
            case .bytes(let bytes):
                bag.add(path, ContentHash(of: bytes), size: bytes.count)
                return entry(path, bytes)
            }
        }
        if isFinished { return nil }
        isFinished = true
        let tags = bag.tags(bagInfo)
        (report.files, report.bytes) = (bag.count, bag.bytes)
        report.sha256 = tags.last.map { ContentHash(of: Array($0.text.utf8)).description } ?? ""
        return tags.flatMap { entry($0.path, Array($0.text.utf8)) } + TarEntry.end
    }

    private func header(_ path: String, size: Int) -> [UInt8] {
        TarEntry(path: "\(name)/\(path)", size: size, modified: modified).header
    }

    private func entry(_ path: String, _ bytes: [UInt8]) -> [UInt8] {
        header(path, size: bytes.count) + bytes + TarEntry.padding(after: bytes.count)
    }
}

/// The head of a file in a `.tar`, in GNU's form (GNU tar's manual, "Basic Tar Format").
struct TarEntry {
    let path: String
    /// In bytes.
    let size: Int
    let modified: Timestamp

    private static let unit = 512

    /// Zeros up to a whole unit.
    static func padding(after size: Int) -> [UInt8] {
        [UInt8](repeating: 0, count: (unit - size % unit) % unit)
    }

    /// Two empty units.
    static let end = [UInt8](repeating: 0, count: 2 * unit)

    var header: [UInt8] {
        let name = Array(path.utf8)
        guard name.count > 100 else { return Self.head(name, size: size, kind: "0", modified) }
        // A longer name comes first, as the contents of a separate entry, and ends with a zero.
        return Self.head(Array("././@LongLink".utf8), size: name.count + 1, kind: "L", Timestamp(milliseconds: 0))
            + name + [0] + Self.padding(after: name.count + 1)
            + Self.head(Array(name.prefix(100)), size: size, kind: "0", modified)
    }

    private static func head(_ name: [UInt8], size: Int, kind: Character, _ modified: Timestamp) -> [UInt8] {
        var head = [UInt8](repeating: 0, count: unit)
        func put(_ bytes: some Collection<UInt8>, at offset: Int) {
            head.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
        }
        func octal(_ value: Int, digits: Int) -> [UInt8] {
            let text = String(value, radix: 8)
            return Array(String(repeating: "0", count: max(0, digits - text.count)).utf8) + Array(text.utf8)
        }
        put(name, at: 0)
        put(octal(0o644, digits: 7), at: 100)
        put(octal(0, digits: 7), at: 108)
        put(octal(0, digits: 7), at: 116)
        // 8 GiB and more do not fit into 11 digits: then the number is in base 256.
        if size < 1 << 33 {
            put(octal(size, digits: 11), at: 124)
        } else {
            put([0x80, 0, 0, 0] + (0..<8).map { UInt8(truncatingIfNeeded: size >> (56 - 8 * $0)) }, at: 124)
        }
        put(octal(Int(max(0, modified.milliseconds.floored(by: 1000))), digits: 11), at: 136)
        put([UInt8](repeating: UInt8(ascii: " "), count: 8), at: 148)
        put(kind.utf8, at: 156)
        put("ustar  ".utf8, at: 257)
        put(octal(head.reduce(0) { $0 + Int($1) }, digits: 6) + [0], at: 148)
        return head
    }
}
