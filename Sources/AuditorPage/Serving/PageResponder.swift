internal import AccessLog
package import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import HTTPTypes
package import Hummingbird
package import Logging
internal import NIOCore
internal import NIOPosix
internal import Synchronization
package import Webhooks

/// The auditors' page: a request in, an answer out.
///
/// In this order: is there such a path, who asks, is it there within their scope, put it on record, hand it out. Nothing is
/// handed out that could not be put on record first.
package final class PageResponder: Sendable {
    let archive: ArchiveFolder
    let configuration: PageConfiguration
    let auditors: Auditors
    let sessions = Sessions()
    let throttle = SignInThrottle()
    let forms = FormProof()
    let templates: PageTemplates
    let recorder: AccessRecorder
    let clock: @Sendable () -> Timestamp
    let log: Logger
    /// For what reads files: the event loops and tasks must not wait for a disk.
    let workers: NIOThreadPool
    private let recorderThread: NIOThreadPool
    /// Searches that read payloads, under way.
    let searches = Mutex(0)

    /// - Throws: ``FileError`` where the access log cannot be made or written.
    package init(
        _ archive: ArchiveFolder, _ configuration: PageConfiguration, log: Logger,
        clock: @escaping @Sendable () -> Timestamp
    ) throws {
        self.archive = archive
        self.configuration = configuration
        self.clock = clock
        self.log = log
        auditors = Auditors(try AccessLogFolder(in: archive, clock: clock))
        templates = try PageTemplates()
        workers = NIOThreadPool(numberOfThreads: 8)
        recorderThread = NIOThreadPool(numberOfThreads: 1)
        recorder = AccessRecorder(auditors.log, thread: recorderThread)
        workers.start()
        recorderThread.start()
        // Now, rather than at an auditor's first page: whether it can be written at all.
        try auditors.log.append([])
    }

    package func shutDown() async {
        try? await workers.shutdownGracefully()
        try? await recorderThread.shutdownGracefully()
    }

    /// Reads files, off the tasks' threads.
    func reading<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await workers.runIfActive(body)
    }

    /// - Parameters:
    ///   - peer: the address whose connection it came by.
    ///   - loop: that serves the connection; nil where there is none.
    package func respond(
        to request: Request, from peer: String, on loop: (any EventLoop)? = nil
    ) async -> Response {
        var response: Response
        let address = configuration.trustedProxies.client(of: request.headers, peer: peer)
        let exchange = PageRequest(request, from: address, on: loop, at: clock())
        do {
            response = try await answer(exchange)
        } catch {
            response = failure(error, exchange)
        }
        CommonHeaders.add(to: &response.headers, isSecure: configuration.isSecure)
        return exchange.isHead ? response.createHeadResponse() : response
    }

    private func answer(_ exchange: PageRequest) async throws -> Response {
        let route = Route(path: exchange.path)
        switch (exchange.request.method, route) {
        case (.get, .style), (.head, .style): return fixed(PageTemplates.style, "text/css; charset=utf-8")
        case (.get, .icon), (.head, .icon): return fixed(PageTemplates.icon, "image/svg+xml")
        case (.get, .signIn), (.head, .signIn): return signInPage(exchange)
        case (.post, .signIn): return try await signIn(exchange)
        case (.post, .signOut): return try await signOut(exchange)
        case (.get, .signOut), (.head, .signOut): return redirect(to: .businesses)
        case (.get, _), (.head, _): break
        default:
            var response = plain("There are no other methods than GET and HEAD here.", status: .methodNotAllowed)
            response.headers[.allow] = route == .signIn ? "GET, HEAD, POST" : "GET, HEAD"
            return response
        }
        switch try await admission(exchange) {
        case .admitted(let visitor): return try await show(route, exchange, to: visitor)
        case .refused(let response): return response
        }
    }

    /// A page or a file within an auditor's scope, or the one answer for what is not there.
    private func show(_ route: Route?, _ exchange: PageRequest, to visitor: Visitor) async throws -> Response {
        let scoped = ScopedArchive(archive: archive, scope: visitor.auditor.grant.scope)
        switch route {
        case .file(let place, let day, let file):
            let found = try await reading { try scoped.dayFile(of: place, on: day, file) }
            return try await handOut(found, exchange, to: visitor)
        case .payload(let place, let day, let id):
            let found = try await reading { try scoped.payload(of: place, on: day, id) }
            return try await handOut(found, exchange, to: visitor)
        case .export(let place):
            return try await handOutBundle(scoped, of: place, exchange, to: visitor)
        case .search:
            return try await search(scoped, exchange, for: visitor)
        default:
            let page = try await page(route, in: scoped, exchange)
            return try await show(page, exchange, to: visitor)
        }
    }

    private func page(_ route: Route?, in scoped: ScopedArchive, _ exchange: PageRequest) async throws -> Page? {
        let (templates, origin) = (templates, origin(exchange))
        let today = archive.calendar.day(of: exchange.now)
        let (number, year) = (exchange.page, exchange.query["year"].flatMap { Int($0) })
        return try await reading {
            switch route {
            case .businesses:
                try scoped.read {
                    try BusinessesPage.page($0, scope: scoped.scope, page: number, today: today, templates: templates)
                }
            case .business(let place):
                try scoped.read { try BusinessPage.page($0, of: place, year: year, templates: templates) }
            case .day(let place, let day):
                try DayPage.page(scoped, of: place, on: day, page: number, templates: templates)
            case .check(let place, let day):
                try CheckPage.page(scoped, of: place, on: day, origin: origin, templates: templates)
            case .event(let place, let day, let id):
                try scoped.read { try $0.find(id, at: (place, day)) }.map { try EventPage.page($0, templates) }
            default: nil
            }
        }
    }

    /// Puts a page on record, and hands it out. What is not there is put on record, too: it was asked for.
    func show(_ page: Page?, _ exchange: PageRequest, to visitor: Visitor) async throws -> Response {
        let page = page ?? notThere
        let html = inLayout(page, visitor)
        var entry = AccessEntry(.page, auditor: visitor.name)
        entry.address = exchange.address
        entry.what = exchange.target
        entry.status = page.status
        entry.bytes = exchange.isHead ? 0 : html.utf8.count
        try await recorder.record(entry)
        return self.html(html, status: .init(code: page.status))
    }

    /// Records that something was found, and redirects to it.
    func lead(to route: Route, _ exchange: PageRequest, _ visitor: Visitor) async throws -> Response {
        var entry = AccessEntry(.page, auditor: visitor.name)
        entry.address = exchange.address
        entry.what = exchange.target
        entry.status = 303
        entry.bytes = 0
        try await recorder.record(entry)
        return redirect(to: route)
    }

    var notThere: Page {
        .message(
            templates, title: "Not there", text: "There is nothing under this address that you may see.", status: 404)
    }

    func inLayout(_ page: Page, _ visitor: Visitor?) -> String {
        templates.render(
            .layout,
            Layout(page, auditor: visitor?.name, proof: visitor?.cookie.map { forms.proof(for: $0) }))
    }

    /// Scheme and authority by which this page was asked for.
    private func origin(_ exchange: PageRequest) -> String {
        if let origin = configuration.publicOrigin { return origin }
        let authority = exchange.request.head.authority.flatMap { PageConfiguration.isAuthority($0) ? $0 : nil }
        return (configuration.isSecure ? "https://" : "http://") + (authority ?? "localhost")
    }

    // MARK: - Answers

    func html(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "text/html; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    func plain(_ text: String, status: HTTPResponse.Status) -> Response {
        Response(
            status: status, headers: [.contentType: "text/plain; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: text + "\n")))
    }

    func redirect(to route: Route) -> Response { redirect(to: route.path) }

    func redirect(to path: String) -> Response { Response(status: .seeOther, headers: [.location: path]) }

    private func fixed(_ bytes: [UInt8], _ mediaType: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: mediaType, .cacheControl: "private, max-age=600"],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// The operator's log says what failed; the auditor learns whether to try again.
    private func failure(_ error: any Error, _ exchange: PageRequest) -> Response {
        log.error("\(exchange.path): \(error)")
        let page: Page
        if error is ArchiveError || error is LineFault {
            page = .message(
                templates, title: "Not as recorded",
                text: "The archive does not match its records, so this cannot be shown. Please contact the operator.",
                status: 500)
        } else {
            page = .message(
                templates, title: "Not now",
                text: "The archive, or the record of who reads it, cannot be used now. Try again later.",
                status: 503)
        }
        var response = html(inLayout(page, nil), status: .init(code: page.status))
        if page.status == 503 { response.headers[.retryAfter] = "30" }
        return response
    }
}
