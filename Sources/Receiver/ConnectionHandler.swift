internal import Configuring
internal import NIOCore
internal import NIOHTTP1
internal import Webhooks

/// One connection: a request, its answer, the next request.
///
/// | phase | waits for | at most | then |
/// | --- | --- | --- | --- |
/// | `idle` | a request's first byte | `idle-timeout` (`header-timeout` at first) | close |
/// | `head` | the end of its headers | `header-timeout` | 408, close |
/// | `receiving` | the end of its payload | `body-timeout` | 408, close |
/// | `answering` | the disk, then the client's reading of the answer | the disk as long as it takes; `idle-timeout` | close |
/// | `closing` | the client's end, after a last answer | 5 s | close |
///
/// A limit applies to a whole phase: a byte now and then does not prolong it.
///
/// The handler reads on demand, and not while a request is being answered, so a client that sends and never reads
/// fills its own buffers instead of the receiver's. Requests that were sent ahead are answered in order.
///
/// After a last answer the connection ends: the client asked for that, or the rest of its input is not wanted. At
/// first only the sending half is closed, and further input is discarded: closing with unread bytes would make the
/// kernel reset the connection, and the client might never see the answer (RFC 9112, section 9.6).
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    enum Phase { case idle, head, receiving, answering, closing, closed }

    /// A delivery that is being received.
    struct Delivery {
        let claim: SenderAuthenticator.Claim
        let headers: [UInt8]?
        var payload: [UInt8] = []
    }

    /// The facts of a request's head that its answer depends on.
    struct Request {
        /// Nothing more of the request will arrive.
        var isWhole = false
        /// The connection ends after the answer.
        var isLast = false
        /// The answer has no body: the method is HEAD.
        var isHead = false
        /// The request is HTTP/1.0, where keeping the connection open must be agreed on.
        var isOld = false
    }

    let receiver: ReceiverContext
    let gate: InboundGate
    private let admission: Connections.Admission
    var phase = Phase.idle
    private var deadline: Scheduled<Void>?
    private var isBusy = false

    /// The state of the current request.
    var delivery: Delivery?
    var request = Request()

    /// Parts that arrived early, and how the input ended after them.
    private var ahead = CircularBuffer<HTTPServerRequestPart>()
    private var end: InputEnd?
    private var isProceeding = false

    private enum InputEnd { case closed, cutShort, malformed }

    init(_ receiver: ReceiverContext, gate: InboundGate, admission: Connections.Admission) {
        self.receiver = receiver
        self.gate = gate
        self.admission = admission
    }

    // MARK: Events

    func channelActive(context: ChannelHandlerContext) {
        switch admission {
        case .admitted:
            enter(.idle, context, limit: receiver.configuration.headerTimeout)
            context.read()
        case .toRefuse: refuse(.connectionsFull, environment: nil, context)
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
        // Every other error is the end of the connection itself.
        guard let error = error as? HTTPParserError else { return context.close(promise: nil) }
        end = error == .invalidEOFState ? .cutShort : .malformed
        proceed(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        enter(.closed, context)
    }

    /// Handles the parts that have arrived, until one has to wait for an answer.
    private func proceed(_ context: ChannelHandlerContext) {
        guard !isProceeding else { return }
        isProceeding = true
        defer { isProceeding = false }
        while canProceed {
            if let part = ahead.popFirst() {
                handle(part, context)
            } else if gate.release() {
                continue
            } else if gate.overran || end == .closed {
                return context.close(promise: nil)
            } else if let end {
                return refuse(
                    end == .cutShort ? .cutShort : .malformed, environment: delivery?.claim.environment, context)
            } else {
                return
            }
        }
    }

    /// Reads more, if it can be used.
    private func wait(_ context: ChannelHandlerContext) {
        if phase == .idle, gate.sawBytes { enter(.head, context) }
        gate.sawBytes = false
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

    // MARK: Answers

    func refuse(
        _ rejection: Rejection, environment: Environment?, _ context: ChannelHandlerContext, allow: String? = nil,
        cause: (any Error)? = nil
    ) {
        receiver.metrics.refused(rejection, environment)
        receiver.rejections.note(rejection, environment, from: context.remoteAddress?.ipAddress, cause: cause)
        answer(.refused(rejection, allow: allow), context)
    }

    func answer(_ answer: Answer, _ context: ChannelHandlerContext) {
        guard phase != .closed else { return }
        if !request.isWhole || receiver.isStopping { request.isLast = true }
        enter(.answering, context)
        limit(to: receiver.configuration.idleTimeout, context) { context in context.close(promise: nil) }

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
        // Only when the client has room for it: see the type's documentation.
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
        gate.discard()
        ahead.removeAll()
        if end == .closed { return context.close(promise: nil) }
        context.close(mode: .output, promise: nil)
        context.read()
    }

    // MARK: Phases

    func enter(_ next: Phase, _ context: ChannelHandlerContext, limit: TimeSpan? = nil) {
        guard phase != .closed else { return }
        phase = next
        deadline?.cancel()
        deadline = nil
        if next != .receiving, let delivery {
            receiver.memory.give(delivery.payload.count)
            self.delivery = nil
        }
        setBusy(next == .receiving || next == .answering || next == .closing)
        let configuration = receiver.configuration
        switch next {
        case .idle:
            request = Request()
            self.limit(to: limit ?? configuration.idleTimeout, context) { $0.close(promise: nil) }
        case .head:
            self.limit(to: configuration.headerTimeout, context) { [self] in refuse(.tooSlow, environment: nil, $0) }
        case .receiving:
            self.limit(to: configuration.bodyTimeout, context) { [self] in
                refuse(.tooSlow, environment: delivery?.claim.environment, $0)
            }
        case .answering: gate.hold()
        case .closing: self.limit(to: .seconds(5), context) { $0.close(promise: nil) }
        case .closed: break
        }
    }

    private func limit(
        to span: TimeSpan, _ context: ChannelHandlerContext, action: @escaping (ChannelHandlerContext) -> Void
    ) {
        deadline?.cancel()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(span.milliseconds))) {
            action(context)
        }
    }

    private func setBusy(_ busy: Bool) {
        guard busy != isBusy else { return }
        isBusy = busy
        if busy { receiver.connections.beginRequest() } else { receiver.connections.endRequest() }
    }
}
