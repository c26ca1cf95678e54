internal import Foundation

/// The items of files and folders with history, in the order of the paths.
package struct History {
    /// How a file has its items.
    package enum Form: String, CaseIterable, Sendable {
        /// One on each line.
        case lines
        /// As the elements of one JSON array.
        case array
        /// The whole file is one.
        case whole
    }

    private let paths: [String]
    private let form: Form?
    private let reader: ItemReader

    /// - Parameters:
    ///   - paths: Files and folders. A folder means the files in it and below, by path; names that begin with a dot are left
    ///     out, and links to folders are not followed. As in a spool, `<name>.headers.json` has the headers of `<name>.json`.
    ///   - form: How each file has its items, or `nil`: a file of a folder is one item, and any other file has them as elements
    ///     if it begins with `[`, else on its lines.
    package init(_ paths: [String], form: Form?, reader: ItemReader) {
        self.paths = paths
        self.form = form
        self.reader = reader
    }

    /// Calls `body` with each item.
    ///
    /// - Parameter rejected: Called with the source of each item that cannot become a delivery, and the reason.
    /// - Throws: ``IngestError``.
    package func forEach(
        _ body: (HistoryItem) throws -> Void, rejected: (_ source: String, _ reason: String) throws -> Void
    ) throws {
        for path in paths {
            var isFolder: ObjCBool = false
            guard path == "-" || FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw IngestError.unreadable(path, cause: "it does not exist")
            }
            guard isFolder.boolValue else {
                try read(path, form, body, rejected: rejected)
                continue
            }
            try forEachFile(in: path, { try read($0, form ?? .whole, body, rejected: rejected) }, rejected: rejected)
        }
    }

    private func forEachFile(
        in folder: String, _ body: (String) throws -> Void, rejected: (String, String) throws -> Void
    ) throws {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw IngestError.unreadable(folder, cause: error.localizedDescription)
        }
        for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) where !name.hasPrefix(".") {
            let path = "\(folder)/\(name)"
            // The headers of the payload beside it, as in a spool.
            if name.hasSuffix(HistoryFile.sidecarSuffix), names.contains(HistoryFile.payloadName(ofSidecar: name)) {
                continue
            }
            // (Of a link, this is the type of what it leads to, unless that is a folder: links could lead round in circles.)
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            let type = (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
            switch type {
            case .typeDirectory: try forEachFile(in: path, body, rejected: rejected)
            case .typeRegular: try body(path)
            case .typeSymbolicLink where exists && !isFolder.boolValue: try body(path)
            case nil: try rejected(path, "it cannot be opened by this name, which may not be valid UTF-8")
            default: try rejected(path, "it is not a regular file")
            }
        }
    }

    private func read(
        _ path: String, _ form: Form?, _ body: (HistoryItem) throws -> Void, rejected: (String, String) throws -> Void
    ) throws {
        let file = try HistoryFile(path)
        if form == .whole { return try readWhole(file, body, rejected: rejected) }
        var number = 0
        var place = "line"
        func take(_ text: TextSplitter.Text) throws {
            number += 1
            try self.take(text, of: file, "\(path), \(place) \(number)", body, rejected: rejected)
        }
        var splitter: TextSplitter?
        do {
            while case var bytes = try file.read(), !bytes.isEmpty {
                if splitter == nil {
                    bytes = try Self.withoutMark(bytes, of: path)
                    let isArray = try form == .array || form == nil && Self.isArray(bytes, of: path)
                    if isArray { place = "element" }
                    splitter = TextSplitter(isArray ? .array : .lines)
                }
                try splitter?.add(bytes, take)
            }
            try splitter?.finish(take)
        } catch let fault as TextSplitter.Fault {
            throw IngestError.damaged(path, cause: fault.cause)
        }
    }

    private func readWhole(
        _ file: HistoryFile, _ body: (HistoryItem) throws -> Void, rejected: (String, String) throws -> Void
    ) throws {
        var text: [UInt8] = []
        var isTooLong = false
        while case let bytes = try file.read(), !bytes.isEmpty {
            isTooLong = isTooLong || text.count + bytes.count > TextSplitter.limit
            if isTooLong { text = [] } else { text += bytes }
        }
        try take(isTooLong ? .tooLong : .whole(text), of: file, file.path, body, rejected: rejected)
    }

    private func take(
        _ text: TextSplitter.Text, of file: HistoryFile, _ source: String, _ body: (HistoryItem) throws -> Void,
        rejected: (String, String) throws -> Void
    ) throws {
        let item: HistoryItem
        do throws(ItemFault) {
            guard case .whole(let text) = text else {
                throw ItemFault("it is longer than \(TextSplitter.limit >> 20) MiB")
            }
            item = try reader.read(text, source: source, in: file)
        } catch {
            return try rejected(source, error.description)
        }
        try body(item)
    }

    /// Returns the beginning of a text without the byte order mark of UTF-8.
    ///
    /// - Throws: ``IngestError/unreadable(_:cause:)`` if it has one of UTF-16.
    private static func withoutMark(_ bytes: Data, of path: String) throws -> Data {
        if bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE]) {
            throw IngestError.unreadable(path, cause: "it is in UTF-16; convert it to UTF-8 (iconv -t UTF-8)")
        }
        return bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes
    }

    /// Returns whether a text is an array, by its beginning.
    ///
    /// - Throws: ``IngestError/unreadable(_:cause:)`` if it is one object over several lines.
    private static func isArray(_ bytes: Data, of path: String) throws -> Bool {
        let text = bytes.drop { TextSplitter.isSpace($0) }
        let firstLine = text.prefix { $0 != UInt8(ascii: "\n") }.filter { !TextSplitter.isSpace($0) }
        if firstLine == Data("{".utf8) {
            throw IngestError.unreadable(
                path,
                cause: "it seems to be one JSON text over several lines; add --form whole, or --form lines if it is not"
            )
        }
        return text.first == UInt8(ascii: "[")
    }
}
