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

/// The auditors' page: it answers requests.
///
/// The order is fixed: whether there is such a path, who asks, whether it exists within their scope, log it, serve
/// it. Nothing is served that could not be logged first.
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
    /// The threads that read files: event loops and tasks must not wait for a disk.
    let workers: NIOThreadPool
    private let recorderThread: NIOThreadPool
    /// The number of running searches that read payloads.
    let searches = Mutex(0)

    /// - Throws: ``FileError`` if the access log cannot be created or written.
    package init(
        _ archive: ArchiveFolder, _ configuration: PageConfiguration, log: Logger,
        clock: @escaping @Sendable () -> Timestamp
    ) throws {
        self.archive = archive
        self.configuration = configuration
        self.clock = clock
        self.log = log
        auditors = Auditors(try AccessLogFolder(in: archive, at: configuration.accessFolder, clock: clock))
        templates = try PageTemplates()
        workers = NIOThreadPool(numberOfThreads: 8)
        recorderThread = NIOThreadPool(numberOfThreads: 1)
        recorder = AccessRecorder(auditors.log, thread: recorderThread)
        workers.start()
        recorderThread.start()
        // Whether the log can be written shows now, not at an auditor's first page.
        try auditors.log.append([])
    }

    package func shutDown() async {
        try? await workers.shutdownGracefully()
        try? await recorderThread.shutdownGracefully()
    }

    /// Reads files on the thread pool.
    func reading<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await workers.runIfActive(body)
    }

    /// - Parameters:
    ///   - peer: The address of the connection's other end.
    ///   - loop: The event loop that serves the connection, or `nil` if there is none.
    package func respond(
        to http: Request, from peer: String, on loop: (any EventLoop)? = nil
    ) async -> Response {
        var response: Response
        let address = configuration.trustedProxies.client(of: http.headers, peer: peer)
        let request = PageRequest(http, from: address, on: loop, at: clock())
        do {
            response = try await answer(request)
        } catch {
            response = failure(error, request)
        }
        CommonHeaders.add(to: &response.headers, isSecure: configuration.isSecure)
        return request.isHead ? response.createHeadResponse() : response
    }

    private func answer(_ request: PageRequest) async throws -> Response {
        let route = Route(path: request.path)
        switch (request.http.method, route) {
        case (.get, .style), (.head, .style): return fixed(PageTemplates.style, "text/css; charset=utf-8")
        case (.get, .icon), (.head, .icon): return fixed(PageTemplates.icon, "image/svg+xml")
        case (.get, .signIn), (.head, .signIn): return signInPage(request)
        case (.post, .signIn): return try await signIn(request)
        case (.post, .signOut): return try await signOut(request)
        case (.get, .signOut), (.head, .signOut): return redirect(to: .businesses)
        case (.get, _), (.head, _): break
        default:
            var response = plain("Only GET and HEAD are allowed here.", status: .methodNotAllowed)
            response.headers[.allow] = route == .signIn ? "GET, HEAD, POST" : "GET, HEAD"
            return response
        }
        switch try await admission(request) {
        case .admitted(let visitor): return try await show(route, request, to: visitor)
        case .refused(let response): return response
        }
    }

    /// Answers with a page or a file within an auditor's scope, or with the one answer for everything that does
    /// not exist there.
    private func show(_ route: Route?, _ request: PageRequest, to visitor: Visitor) async throws -> Response {
        let scoped = ScopedArchive(archive: archive, scope: visitor.auditor.grant.scope)
        switch route {
        case .file(let place, let day, let file):
            let found = try await reading { try scoped.dayFile(of: place, on: day, file) }
            return try await handOut(found, request, to: visitor)
        case .payload(let place, let day, let id):
            let found = try await reading { try scoped.payload(of: place, on: day, id) }
            return try await handOut(found, request, to: visitor)
        case .export(let place):
            return try await handOutBundle(scoped, of: place, request, to: visitor)
        case .search:
            return try await search(scoped, request, for: visitor)
        default:
            let page = try await page(route, in: scoped, request)
            return try await show(page, request, to: visitor)
        }
    }

    private func page(_ route: Route?, in scoped: ScopedArchive, _ request: PageRequest) async throws -> Page? {
        let (templates, origin) = (templates, origin(request))
        let today = archive.calendar.day(of: request.now)
        let (number, year) = (request.page, request.query["year"].flatMap { Int($0) })
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

    /// Logs and serves a page. A request for something that does not exist is logged too.
    func show(_ page: Page?, _ request: PageRequest, to visitor: Visitor) async throws -> Response {
        let page = page ?? notThere
        let html = inLayout(page, visitor)
        var entry = AccessEntry(.page, auditor: visitor.name)
        entry.address = request.address
        entry.what = request.target
        entry.status = page.status
        entry.bytes = request.isHead ? 0 : html.utf8.count
        try await recorder.record(entry)
        return self.html(html, status: .init(code: page.status))
    }

    /// Logs that something was found, and redirects to it.
    func lead(to route: Route, _ request: PageRequest, _ visitor: Visitor) async throws -> Response {
        var entry = AccessEntry(.page, auditor: visitor.name)
        entry.address = request.address
        entry.what = request.target
        entry.status = 303
        entry.bytes = 0
        try await recorder.record(entry)
        return redirect(to: route)
    }

    var notThere: Page {
        .message(
            templates, title: "Not found", text: "There is nothing at this address that you may see.", status: 404)
    }

    func inLayout(_ page: Page, _ visitor: Visitor?) -> String {
        templates.render(
            .layout,
            Layout(page, auditor: visitor?.name, proof: visitor?.cookie.map { forms.proof(for: $0) }))
    }

    /// The scheme and authority by which this page was requested.
    private func origin(_ request: PageRequest) -> String {
        if let origin = configuration.publicOrigin { return origin }
        let authority = request.http.head.authority.flatMap { PageConfiguration.isAuthority($0) ? $0 : nil }
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

    /// The operator's log says what failed; the auditor only learns whether to try again.
    private func failure(_ error: any Error, _ request: PageRequest) -> Response {
        log.error("\(request.path): \(error)")
        let page: Page
        if error is ArchiveError || error is LineFault {
            page = .message(
                templates, title: "Not as recorded",
                text: "The archive does not match its records, so this cannot be shown. Please contact the operator.",
                status: 500)
        } else {
            page = .message(
                templates, title: "Temporarily unavailable",
                text: "The archive or its access log cannot be used now. Try again later.",
                status: 503)
        }
        var response = html(inLayout(page, nil), status: .init(code: page.status))
        if page.status == 503 { response.headers[.retryAfter] = "30" }
        return response
    }
}
