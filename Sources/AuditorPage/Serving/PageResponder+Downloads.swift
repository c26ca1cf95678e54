internal import AccessLog
internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Evidence
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import Webhooks

extension ScopedArchive {
    /// Returns a file of a business's day, or `nil` if there is none.
    ///
    /// - Throws: ``ArchiveError/differs(_:_:)`` if the file is known to differ from what was recorded.
    func dayFile(of place: Route.Place, on day: CivilDate, _ wanted: DayFile) throws -> CheckedFile? {
        let read = try read { snapshot in
            let archive = try snapshot.file(.archives, of: place, on: day)
            let ledger = try snapshot.file(.ledgers, of: place, on: day)
            return (archive, ledger, try (archive ?? ledger).map { try snapshot.seals(of: $0) } ?? [])
        }
        let (archive, ledger, seals) = read
        func name(_ suffix: String) -> String { place.fileName(day, suffix) }
        switch wanted {
        case .archive: return try archive.map { try CheckedFile($0, at: place, in: self, name: name(".ndjson.gz")) }
        case .ledger:
            return try ledger.map { try CheckedFile($0, at: place, in: self, name: name("_ledger.ndjson.gz")) }
        case .leaf, .seal, .signature:
            guard let seal = try DaySeal(self.archive, seals, archive: archive, ledger: ledger) else { return nil }
            func file(_ path: String) throws -> [UInt8]? {
                try self.archive.root.contents(of: "\(ArchivePath.environment(place.environment))/\(path)")
            }
            let bytes =
                switch wanted {
                case .leaf: seal.leaf?.bytes
                case .signature: try file(SealSignature.path(ofSeal: seal.seal.path))
                default: try file(seal.seal.path)
                }
            return bytes.map {
                CheckedFile($0, name: name("_\(wanted.rawValue)"), mediaType: "text/plain; charset=utf-8")
            }
        }
    }

    /// Returns an event's payload as it was received, or `nil` if there is none.
    ///
    /// - Throws: ``ArchiveError/differs(_:_:)`` if it does not have the hash that was recorded at receipt.
    func payload(of place: Route.Place, on day: CivilDate, _ id: DeliveryID) throws -> CheckedFile? {
        guard let found = try read({ try $0.find(id, at: (place, day)) }) else { return nil }
        // There is nothing to hand out of an event that is gone.
        guard try EventTombstone(found.line) == nil else { return nil }
        let event = try EventLine(found.line)
        guard ContentHash(of: event.payload) == event.hash else {
            throw ArchiveError.differs(found.file.path, "the payload of \(id) has another SHA-256 than was noted")
        }
        return CheckedFile(event.payload, name: "\(id).json", mediaType: "application/json")
    }
}

extension PageResponder {
    /// Serves a file or a part of it, checked block by block. There is no `Content-Encoding`: a truncated body
    /// shows in its length, and no client unpacks it on the way.
    func handOut(_ found: CheckedFile?, _ request: PageRequest, to visitor: Visitor) async throws -> Response {
        guard var file = found else { return try await show(nil, request, to: visitor) }
        let headers = request.http.headers
        let tag = "\"\(file.hash)\""
        var fields: HTTPFields = [
            .contentType: file.mediaType, .acceptRanges: "bytes", .eTag: tag,
            .contentDisposition: "attachment; filename=\"\(file.name)\"",
            // The scope is checked for every request, so that a revocation takes effect.
            .cacheControl: "private, no-cache",
        ]
        if let name = HTTPField.Name("Repr-Digest") {
            fields[name] = "sha-256=:\(Data(file.hash.bytes).base64EncodedString()):"
        }
        if let wanted = headers[.ifMatch], !ByteRange.isTag(tag, in: wanted, weakly: false) {
            return Response(status: .preconditionFailed, headers: fields)
        }
        if let known = headers[.ifNoneMatch], ByteRange.isTag(tag, in: known, weakly: true) {
            return Response(status: .notModified, headers: fields)
        }
        let range = ByteRange(
            range: request.http.method == .get ? headers[.range] : nil, ifRange: headers[.ifRange], tag: tag,
            size: file.size)
        var count = file.size
        var status = HTTPResponse.Status.ok
        var part: Range<Int>?
        switch range {
        case .whole: break
        case .unsatisfiable:
            fields[.contentRange] = "bytes */\(file.size)"
            return Response(status: .rangeNotSatisfiable, headers: fields)
        case .part(let range):
            fields[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.size)"
            file.narrow(to: range)
            (count, status, part) = (range.count, .partialContent, range)
        }
        if request.isHead {
            fields[.contentLength] = "\(count)"
            return Response(status: status, headers: fields)
        }
        let retrieval = try await begin(request, for: visitor, part: part)
        let body = stream(file, count: count, retrieval: retrieval, request) { try $0.next() }
        return Response(status: status, headers: fields, body: body)
    }

    /// Serves a range of a business's days as an evidence bundle, produced as it is sent.
    func handOutBundle(
        _ scoped: ScopedArchive, of place: Route.Place, _ request: PageRequest, to visitor: Visitor
    ) async throws -> Response {
        let (from, to) = (request.day("from"), request.day("to"))
        let (configuration, now) = (configuration, request.now)
        let name = place.fileName(from ?? to ?? archive.calendar.day(of: now), "_bundle")
        let bundle: ExportStream? = try await reading {
            guard let selection = try scoped.read({ try $0.selection(place, from: from, to: to) }) else { return nil }
            let export = Export(
                scoped.archive, selection, allowedSigners: configuration.allowedSigners, program: configuration.program,
                at: now)
            do { return try ExportStream(export, name: name) } catch ExportError.nothing { return nil }
        }
        guard let bundle else { return try await show(nil, request, to: visitor) }
        let fields: HTTPFields = [
            .contentType: "application/x-tar", .contentDisposition: "attachment; filename=\"\(name).tar\"",
        ]
        if request.isHead { return Response(status: .ok, headers: fields) }
        let retrieval = try await begin(request, for: visitor, part: nil)
        return Response(
            status: .ok, headers: fields,
            body: stream(bundle, count: nil, retrieval: retrieval, request) { try $0.next() })
    }

    /// Logs a retrieval before its first byte is sent.
    private func begin(_ request: PageRequest, for visitor: Visitor, part: Range<Int>?) async throws -> String {
        let retrieval = UUID().uuidString.lowercased()
        var entry = AccessEntry(.retrieval, auditor: visitor.name)
        entry.address = request.address
        entry.what = request.target
        entry.retrieval = retrieval
        entry.range = part.map { [$0.lowerBound, $0.upperBound - 1] }
        try await recorder.record(entry)
        return retrieval
    }

    /// Sends piece by piece, and reads each when the one before was accepted. A failure breaks the connection: a
    /// body with a regular end would be taken for the whole.
    private func stream<Source: Sendable>(
        _ source: Source, count: Int?, retrieval: String, _ request: PageRequest,
        next: @escaping @Sendable (inout Source) throws -> [UInt8]?
    ) -> ResponseBody {
        let handedOver = request.handedOver
        return ResponseBody(contentLength: count) { [self] writer in
            var source = source
            var end = AccessEntry(.end)
            end.retrieval = retrieval
            end.bytes = 0
            do {
                while true {
                    let present = source
                    let (after, piece) = try await reading {
                        var after = present
                        let piece = try next(&after)
                        return (after, piece)
                    }
                    source = after
                    guard let piece else { break }
                    try await writer.write(ByteBuffer(bytes: piece))
                    try await handedOver()
                    end.bytes? += piece.count
                }
                try await writer.finish(nil)
                end.whole = true
            } catch {
                end.whole = false
                if error is ArchiveError { log.error("\(error)") }
                try await recorder.record(end)
                throw error
            }
            try await recorder.record(end)
        }
    }
}
