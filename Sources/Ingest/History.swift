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
    ///     out. As in a spool, `<name>.headers.json` has the headers of `<name>.json`.
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
            try forEachFile(in: path) { try read($0, form ?? .whole, body, rejected: rejected) }
        }
    }

    private func forEachFile(in folder: String, _ body: (String) throws -> Void) throws {
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
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { continue }
            if isFolder.boolValue { try forEachFile(in: path, body) } else { try body(path) }
        }
    }

    private func read(
        _ path: String, _ form: Form?, _ body: (HistoryItem) throws -> Void, rejected: (String, String) throws -> Void
    ) throws {
        let file = try HistoryFile(path)
        var number = 0
        func take(_ text: TextSplitter.Text, _ place: String?) throws {
            number += 1
            let source = place.map { "\(path), \($0) \(number)" } ?? path
            let item: HistoryItem
            do throws(ItemFault) {
                guard case .whole(let text) = text else {
                    throw ItemFault("it is longer than \(TextSplitter.limit >> 20) MiB")
                }
                item = try reader.read(text, source: source, in: file, sidecar: form == .whole ? file.sidecar : nil)
            } catch {
                return try rejected(source, error.description)
            }
            try body(item)
        }
        if form == .whole {
            var text: [UInt8] = []
            while case let bytes = try file.read(), !bytes.isEmpty {
                text += bytes
                if text.count > TextSplitter.limit { return try take(.tooLong(text.count), nil) }
            }
            return try take(.whole(text), nil)
        }
        var splitter: TextSplitter?
        var place = "line"
        while case let bytes = try file.read(), !bytes.isEmpty {
            if splitter == nil {
                let first = bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
                let isArray = form == .array || form == nil && first == UInt8(ascii: "[")
                if isArray { place = "element" }
                splitter = TextSplitter(isArray ? .array : .lines)
            }
            try splitter?.add(bytes) { try take($0, place) }
        }
        guard try splitter?.finish({ try take($0, place) }) ?? true else {
            throw IngestError.damaged(path, cause: "its array has no end")
        }
    }
}
