internal import AccessLog
internal import Archive
internal import ArchiveIndex
internal import Configuring
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import Synchronization
internal import Webhooks

extension PageResponder {
    private static let placesShown = 500
    /// The number of searches that may read payloads at a time. Ids and hashes are found in the index.
    private static let searchLimit = 4
    /// The number of days to search if no range is given.
    private static let span = 31

    func search(_ scoped: ScopedArchive, _ request: PageRequest, for visitor: Visitor) async throws -> Response {
        guard let query = request.query["q"]?.trimmingPrefix(while: \.isWhitespace), !query.isEmpty else {
            return try await form(scoped, request, for: visitor, problem: nil)
        }
        if let id = DeliveryID(query.lowercased()) {
            let found = try await reading { try scoped.read { try $0.find(id) ?? $0.find(repeatedBy: id) } }
            guard let found else {
                return try await form(
                    scoped, request, for: visitor, problem: "There is no event with this id that you may see.")
            }
            return try await lead(to: .event(Route.Place(found.file), found.file.day, found.id), request, visitor)
        }
        guard let place = request.query["in"].flatMap(Self.place) else {
            return try await form(
                scoped, request, for: visitor,
                problem: "Choose a business: only an id can be searched for in all of them.")
        }
        if let hash = ContentHash(hex: query.lowercased()) {
            return try await byHash(hash, in: scoped, of: place, request, for: visitor)
        }
        guard query.utf8.count >= 3 else {
            return try await form(scoped, request, for: visitor, problem: "Give at least three characters.")
        }
        if request.isHead { return try await form(scoped, request, for: visitor, problem: nil) }
        return try await byValue(Array(query.utf8), in: scoped, of: place, request, for: visitor)
    }

    /// Returns `production/acme`, as the form has it.
    private static func place(_ text: String) -> Route.Place? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 2 ? Route.Place(parts[0], parts[1]) : nil
    }

    private func head(
        _ scoped: ScopedArchive, _ request: PageRequest, problem: String?, isSearching: Bool
    ) async throws -> String {
        let spans = try await reading { try scoped.read { try $0.businesses(limit: Self.placesShown, offset: 0) } }
        let chosen = request.query["in"]
        return templates.render(
            .search,
            SearchForm(
                query: request.query["q"].map(VisibleText.line) ?? "", from: request.day("from")?.description ?? "",
                to: request.day("to")?.description ?? "",
                places: spans.map { span in
                    let value = String(Route.Place(span.environment, span.business).path.dropFirst(3))
                    return .init(
                        value: value, name: "\(PageFormat.name(span.business)), \(span.environment)",
                        isChosen: value == chosen)
                }, problem: problem, isSearching: isSearching))
    }

    private func form(
        _ scoped: ScopedArchive, _ request: PageRequest, for visitor: Visitor, problem: String?
    ) async throws -> Response {
        let main = try await head(scoped, request, problem: problem, isSearching: false)
        return try await show(Page(title: "Search", main: main), request, to: visitor)
    }

    private func byHash(
        _ hash: ContentHash, in scoped: ScopedArchive, of place: Route.Place, _ request: PageRequest,
        for visitor: Visitor
    ) async throws -> Response {
        let (from, to) = (request.day("from"), request.day("to"))
        let found = try await reading {
            try scoped.read { snapshot in
                var found: [(day: CivilDate, event: IndexSnapshot.IndexedEvent)] = []
                for listed in try snapshot.days(place, from: from, to: to) where found.count < ValueSearch.hitLimit {
                    let left = ValueSearch.hitLimit - found.count
                    found += try snapshot.events(of: listed.file, hash: hash, limit: left).map {
                        (listed.file.day, $0)
                    }
                }
                return found
            }
        }
        var main = try await head(scoped, request, problem: nil, isSearching: true)
        for (day, event) in found {
            main += templates.render(
                .searchHit,
                SearchLine(
                    path: Route.event(place, day, event.id).path, id: "\(event.id)", time: PageFormat.time(event.time),
                    type: VisibleText.line(event.type)))
        }
        main += end(hits: found.count, of: nil, isCut: found.count >= ValueSearch.hitLimit)
        return try await show(Page(title: "Search", main: main), request, to: visitor)
    }

    /// Sends the page as the search proceeds: matches, and how far it is.
    private func byValue(
        _ needle: [UInt8], in scoped: ScopedArchive, of place: Route.Place, _ request: PageRequest,
        for visitor: Visitor
    ) async throws -> Response {
        let last = request.day("to")
        let from =
            request.day("from")
            ?? CivilDate(
                daysSinceEpoch: (last ?? archive.calendar.day(of: request.now)).daysSinceEpoch - Self.span + 1)
        let search = try await reading { try ValueSearch(scoped, place, from: from, to: last, needle: needle) }
        let start = try await head(scoped, request, problem: nil, isSearching: true)
        // The place of the results in the layout, after the form.
        let mark = "<!--results-->"
        let parts = inLayout(Page(title: "Search", main: start + mark), visitor).split(separator: mark)
        var entry = AccessEntry(.page, auditor: visitor.name)
        entry.address = request.address
        entry.what = request.target
        entry.status = 200
        try await recorder.record(entry)
        let body = ResponseBody { [self] writer in
            let rest = parts.count > 1 ? parts[1] : ""
            try await writer.write(ByteBuffer(substring: parts[0]))
            guard beginsSearch() else {
                let end = SearchEnd(tone: "warn", text: "Too many searches are running. Try again in a moment.")
                try await writer.write(ByteBuffer(string: templates.render(.searchEnd, end) + rest))
                return try await writer.finish(nil)
            }
            defer { searches.withLock { $0 -= 1 } }
            var search = search
            var reported: CivilDate?
            do {
                while true {
                    let present = search
                    let (after, hits) = try await reading {
                        var after = present
                        let hits = try after.next()
                        return (after, hits)
                    }
                    search = after
                    guard let hits else { break }
                    var text = hits.map(line).joined()
                    if let day = search.day, day != reported {
                        reported = day
                        let progress = "\(Display.count(search.events, "event")) read; now at \(PageFormat.date(day))"
                        text += templates.render(.searchHit, SearchLine(progress: progress))
                    }
                    if !text.isEmpty { try await writer.write(ByteBuffer(string: text)) }
                }
                let end = end(hits: search.hits, of: search.events, isCut: search.isCut)
                try await writer.write(ByteBuffer(string: end + rest))
            } catch let error as ArchiveError {
                log.error("\(error)")
                let end = templates.render(
                    .searchEnd,
                    SearchEnd(
                        tone: "bad", text: "The archive does not match its records here. Please contact the operator."))
                try await writer.write(ByteBuffer(string: end + rest))
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "text/html; charset=utf-8"], body: body)
    }

    private func beginsSearch() -> Bool {
        searches.withLock { searches in
            if searches >= Self.searchLimit { return false }
            searches += 1
            return true
        }
    }

    private func line(_ hit: ValueSearch.Hit) -> String {
        let place = Route.Place(hit.file)
        return templates.render(
            .searchHit,
            SearchLine(
                path: Route.event(place, hit.file.day, hit.id).path, id: "\(hit.id)", time: PageFormat.time(hit.time),
                type: VisibleText.line(hit.type), extract: VisibleText.line(hit.extract)))
    }

    private func end(hits: Int, of events: Int?, isCut: Bool) -> String {
        let found = hits == 0 ? "Nothing was found" : "\(Display.count(hits, "event")) found"
        let within = events.map { " in \(Display.count($0, "event"))" } ?? ""
        let text =
            isCut
            ? "\(found)\(within). There may be more: it stopped at its limit. Give a shorter span."
            : "\(found)\(within). That is all."
        return templates.render(.searchEnd, SearchEnd(tone: isCut ? "warn" : "", text: text))
    }
}
