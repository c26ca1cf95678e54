internal import NIOCore
internal import NIOHTTP1
internal import Settings
internal import Webhooks

/// One connection: a request, its answer, the next request.
///
/// | phase | waits for | at most | then |
/// | --- | --- | --- | --- |
/// | `idle` | a request's first byte | `idle-timeout` (`header-timeout` at first) | close |
/// | `head` | the end of its headers | `header-timeout` | 408, close |
/// | `receiving` | the end of its payload | `body-timeout` | 408, close |
/// | `answering` | the disk, then the client's reading of the answer | the disk as long as it takes; `idle-timeout` | close |
/// | `closing` | the client's end, after a last answer | 2 s | close |
///
/// The times are for the whole of a phase: a byte now and then does not prolong one.
///
/// Reading is by demand, and there is none while a request is being answered, so that a client that sends and never
/// reads fills its own buffers and not ours. What it sent ahead is answered in its order.
///
/// A last answer is one after which the connection ends: the client asked for that, or the rest of what it sends is not
/// wanted. Then only our half is closed at first and what comes is thrown away: a full close with bytes unread would
/// make the kernel reset the connection, and the client might never see the answer (RFC 9112, section 9.6).
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Phase { case idle, head, receiving, answering, closing, closed }

    /// A delivery in the making.
    private struct Delivery {
        let claim: SenderCheck.Claim
        let headers: [UInt8]?
        var payload: [UInt8] = []
    }

    /// What of a request's head matters to its answer.
    private struct Request {
        /// Nothing of it is still to come.
        var isWhole = false
        /// The connection ends after its answer.
        var isLast = false
        /// The answer has no body: the method is HEAD.
        var isHead = false
        /// HTTP/1.0, where staying open is to be agreed on.
        var isOld = false
    }

    private let reception: Reception
    private let inlet: Inlet
    private let admission: Connections.Admission
    private var phase = Phase.idle
    private var deadline: Scheduled<Void>?
    private var isBusy = false

    /// Of the request in hand.
    private var delivery: Delivery?
    private var request = Request()

    /// Parts that came ahead of their turn, and how the input ended after them.
    private var ahead = CircularBuffer<HTTPServerRequestPart>()
    private var end: InputEnd?
    private var isProceeding = false

    private enum InputEnd { case malformed, closed }

    init(_ reception: Reception, _ inlet: Inlet, _ admission: Connections.Admission) {
        self.reception = reception
        self.inlet = inlet
        self.admission = admission
    }

    // MARK: Events

    func channelActive(context: ChannelHandlerContext) {
        switch admission {
        case .admitted:
            enter(.idle, context, limit: reception.configuration.headerTimeout)
            context.read()
        case .toRefuse: refuse(.connectionsFull, nil, context)
        case .toClose: context.close(promise: nil)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        ahead.append(unwrapInboundIn(data))
        proceed(context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        wait(context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed = event else { return context.fireUserInboundEventTriggered(event) }
        if end == nil { end = .closed }
        proceed(context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Anything but the parser's errors is the connection's own end.
        guard error is HTTPParserError else { return context.close(promise: nil) }
        end = .malformed
        proceed(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        enter(.closed, context)
    }

    /// Handles what has come, part by part, for as long as none of it has to wait for an answer.
    private func proceed(_ context: ChannelHandlerContext) {
        guard !isProceeding else { return }
        isProceeding = true
        defer { isProceeding = false }
        while canProceed {
            if let part = ahead.popFirst() {
                handle(part, context)
            } else if inlet.release() {
                continue
            } else if inlet.overran || end == .closed {
                return context.close(promise: nil)
            } else if end == .malformed {
                return refuse(.malformed, delivery?.claim.environment, context)
            } else {
                return
            }
        }
    }

    /// Reads more, where there is use for it.
    private func wait(_ context: ChannelHandlerContext) {
        if phase == .idle, inlet.sawBytes { enter(.head, context) }
        inlet.sawBytes = false
        if canProceed || phase == .closing { context.read() }
    }

    private var canProceed: Bool {
        switch phase {
        case .idle, .head, .receiving: true
        case .answering, .closing, .closed: false
        }
    }

    private func handle(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch part {
        case .head(let head): begin(head, context)
        case .body(let bytes): add(bytes, context)
        case .end: complete(context)
        }
    }

    // MARK: A request

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        // Whether anything of the next one is there too is not known; the idle time is its limit until more comes.
        inlet.sawBytes = false
        let framing = Framing(head)
        request = Request(
            isWhole: framing == Framing.none,
            // An upgrade is never taken up; but the parser stops after a request that asks for one.
            isLast: !head.isKeepAlive || head.headers.contains(name: "upgrade") || head.method == .CONNECT,
            isHead: head.method == .HEAD, isOld: head.version == .http1_0)
        guard let framing else { return refuse(.malformed, nil, context) }
        let route = Route(target: head.uri)
        guard route != .unknown else { return refuse(.unknownPath, nil, context) }
        guard route.methods.contains(head.method) else {
            let allow = route.methods.map(\.rawValue).joined(separator: ", ")
            return refuse(.otherMethod, nil, context, allow: allow)
        }
        switch route {
        case .webhooks(let environment, let secret):
            receive(head, framing, environment, secret, context)
        case .health: answer(.text("alive"), context)
        case .metrics: answer(.metrics(reception.metrics.text(reception.gauges)), context)
        case .ready: probe(context)
        case .unknown: break
        }
    }

    private func receive(
        _ head: HTTPRequestHead, _ framing: Framing, _ environment: Environment, _ secret: [UInt8]?,
        _ context: ChannelHandlerContext
    ) {
        let (check, configuration) = (reception.configuration.senderCheck, reception.configuration)
        func refuse(_ refusal: Refusal) { self.refuse(refusal, environment, context) }
        guard secret == nil || check.wantsPathSecret else { return refuse(.unknownPath) }
        guard !reception.isStopping else { return refuse(.stopping) }
        let claim = SenderCheck.Claim(
            environment: environment, pathSecret: secret,
            headers: Dictionary(uniqueKeysWithValues: check.headers.map { ($0, head.headers.values(of: $0)) }))
        if let refusal = check.refusal(ofHead: claim, now: Int(Timestamp.now.milliseconds / 1000)) {
            return refuse(Refusal(refusal))
        }
        if case .length(let length) = framing, length > configuration.maxBody.bytes { return refuse(.tooLong) }
        guard !reception.reserve.isLow else { return refuse(.spaceLow) }

        delivery = Delivery(claim: claim, headers: configuration.keptHeaders.record(of: head.headers))
        if case .length(let length) = framing { delivery?.payload.reserveCapacity(length) }
        enter(.receiving, context)
        if !request.isOld, head.headers.values(of: "expect").first?.lowercased() == "100-continue" {
            let interim = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(interim)), promise: nil)
        }
    }

    private func add(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        guard phase == .receiving, let soFar = delivery?.payload.count else { return }
        guard soFar + bytes.readableBytes <= reception.configuration.maxBody.bytes else {
            return refuse(.tooLong, delivery?.claim.environment, context)
        }
        guard reception.memory.take(bytes.readableBytes) else {
            return refuse(.memoryFull, delivery?.claim.environment, context)
        }
        delivery?.payload.append(contentsOf: bytes.readableBytesView)
    }

    private func complete(_ context: ChannelHandlerContext) {
        // The end of a request that was answered from its head alone is no news.
        guard phase == .receiving, let delivery else { return }
        request.isWhole = true
        let (environment, size) = (delivery.claim.environment, delivery.payload.count)
        if let refusal = reception.configuration.senderCheck.refusal(of: delivery.payload, delivery.claim) {
            return refuse(Refusal(refusal), environment, context)
        }
        // From here on the payload is the writer's, and its memory is given back when it is written.
        self.delivery = nil
        enter(.answering, context)
        let (memory, metrics) = (reception.memory, reception.metrics)
        reception.store(delivery.payload, headers: delivery.headers, environment, on: context.eventLoop)
            .assumeIsolated().whenComplete { [self] result in
                memory.give(size)
                switch result {
                case .success(let id):
                    metrics.stored(environment, bytes: size)
                    answer(.stored(id), context)
                case .failure(let refusal as Refusal): refuse(refusal, environment, context)
                case .failure(let error): refuse(.notWritten, environment, context, cause: error)
                }
            }
    }

    private func probe(_ context: ChannelHandlerContext) {
        if reception.isStopping { return answer(.refused(.stopping), context) }
        if reception.reserve.isLow { return answer(.refused(.spaceLow), context) }
        enter(.answering, context)
        reception.readiness.probe(on: context.eventLoop).assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success: answer(.text("ready"), context)
            case .failure(let error):
                reception.refusals.note(error as? Refusal ?? .notWritten, nil, from: nil, cause: error)
                answer(.refused(.notWritten), context)
            }
        }
    }

    // MARK: Its answer

    private func refuse(
        _ refusal: Refusal, _ environment: Environment?, _ context: ChannelHandlerContext, allow: String? = nil,
        cause: (any Error)? = nil
    ) {
        reception.metrics.refused(refusal, environment)
        reception.refusals.note(refusal, environment, from: context.remoteAddress?.ipAddress, cause: cause)
        answer(.refused(refusal, allow: allow), context)
    }

    private func answer(_ answer: Answer, _ context: ChannelHandlerContext) {
        guard phase != .closed else { return }
        if !request.isWhole || reception.isStopping { request.isLast = true }
        enter(.answering, context)
        limit(reception.configuration.idleTimeout, context) { context in context.close(promise: nil) }

        var headers = answer.headers
        headers.add(name: "Date", value: Timestamp.now.httpDate)
        if request.isLast {
            headers.add(name: "Connection", value: "close")
        } else if request.isOld {
            headers.add(name: "Connection", value: "keep-alive")
        }
        let head = HTTPResponseHead(version: .http1_1, status: answer.status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !request.isHead {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: answer.body)))), promise: nil)
        }
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
        // Only when the client's side has room for it: see the type's header.
        written.futureResult.assumeIsolated().whenComplete { [self] result in
            guard phase == .answering else { return }
            guard case .success = result else { return context.close(promise: nil) }
            if request.isLast { return linger(context) }
            enter(.idle, context)
            proceed(context)
            wait(context)
        }
    }

    private func linger(_ context: ChannelHandlerContext) {
        enter(.closing, context)
        inlet.discard()
        ahead.removeAll()
        if end == .closed { return context.close(promise: nil) }
        context.close(mode: .output, promise: nil)
        context.read()
    }

    // MARK: Phases

    private func enter(_ next: Phase, _ context: ChannelHandlerContext, limit: TimeSpan? = nil) {
        guard phase != .closed else { return }
        phase = next
        deadline?.cancel()
        deadline = nil
        if next != .receiving, let delivery {
            reception.memory.give(delivery.payload.count)
            self.delivery = nil
        }
        setBusy(next == .receiving || next == .answering || next == .closing)
        let configuration = reception.configuration
        switch next {
        case .idle:
            request = Request()
            self.limit(limit ?? configuration.idleTimeout, context) { $0.close(promise: nil) }
        case .head:
            self.limit(configuration.headerTimeout, context) { [self] in refuse(.tooSlow, nil, $0) }
        case .receiving:
            self.limit(configuration.bodyTimeout, context) { [self] in
                refuse(.tooSlow, delivery?.claim.environment, $0)
            }
        case .answering: inlet.hold()
        case .closing: self.limit(.seconds(2), context) { $0.close(promise: nil) }
        case .closed: break
        }
    }

    private func limit(
        _ span: TimeSpan, _ context: ChannelHandlerContext, _ action: @escaping (ChannelHandlerContext) -> Void
    ) {
        deadline?.cancel()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(span.milliseconds))) {
            action(context)
        }
    }

    private func setBusy(_ busy: Bool) {
        guard busy != isBusy else { return }
        isBusy = busy
        if busy { reception.connections.beginRequest() } else { reception.connections.endRequest() }
    }
}
