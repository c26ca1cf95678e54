internal import Configuring
internal import NIOCore
internal import NIOHTTP1
internal import Webhooks

/// From the parts of a request to its answer. A request is refused at the first part that shows it must be.
extension ConnectionHandler {
    func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        // Whether more of the next request is there is not known, so the idle time limits it until more
        // arrives.
        gate.sawBytes = false
        let framing = Framing(head)
        request = Request(
            isWhole: framing == Framing.none,
            // An upgrade is never taken up; but the parser stops after a request that asks for one.
            isLast: !head.isKeepAlive || head.headers.contains(name: "upgrade") || head.method == .CONNECT,
            isHead: head.method == .HEAD, isOld: head.version == .http1_0)
        guard let framing else { return refuse(.malformed, environment: nil, context) }
        let route = Route(target: head.uri)
        guard route != .unknown else { return refuse(.unknownPath, environment: nil, context) }
        guard route.methods.contains(head.method) else {
            let allow = route.methods.map(\.rawValue).joined(separator: ", ")
            return refuse(.otherMethod, environment: nil, context, allow: allow)
        }
        switch route {
        case .webhooks(let environment, let secret):
            receive(head, framing: framing, to: environment, secret: secret, context)
        case .health: answer(.text("alive"), context)
        case .metrics: answer(.metrics(receiver.metrics.text(receiver.gauges)), context)
        case .ready: probe(context)
        case .unknown: break
        }
    }

    private func receive(
        _ head: HTTPRequestHead, framing: Framing, to environment: Environment, secret: [UInt8]?,
        _ context: ChannelHandlerContext
    ) {
        let (check, configuration) = (receiver.configuration.senderAuthenticator, receiver.configuration)
        func refuse(_ rejection: Rejection) { self.refuse(rejection, environment: environment, context) }
        guard secret == nil || check.wantsPathSecret else { return refuse(.unknownPath) }
        guard !receiver.isStopping else { return refuse(.stopping) }
        let claim = SenderAuthenticator.Claim(
            environment: environment, pathSecret: secret,
            headers: Dictionary(uniqueKeysWithValues: check.headers.map { ($0, head.headers.values(of: $0)) }))
        if let rejection = check.rejection(ofHead: claim, now: Int(Timestamp.now.milliseconds / 1000)) {
            return refuse(Rejection(rejection))
        }
        if case .length(let length) = framing, length > configuration.maxBody.bytes { return refuse(.tooLong) }
        let length = if case .length(let length) = framing { length } else { 0 }
        guard receiver.freeSpace.hasRoom(for: length) else { return refuse(.spaceLow) }

        delivery = Delivery(claim: claim, headers: configuration.headerAllowList.record(of: head.headers))
        // Only up to a size: memory for a longer payload is allocated as it arrives.
        if case .length(let length) = framing { delivery?.payload.reserveCapacity(min(length, 1 << 20)) }
        enter(.receiving, context)
        if !request.isWhole, !request.isOld, head.headers.values(of: "expect").first?.lowercased() == "100-continue" {
            let interim = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(interim)), promise: nil)
        }
    }

    func add(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        guard phase == .receiving, let soFar = delivery?.payload.count else { return }
        guard soFar + bytes.readableBytes <= receiver.configuration.maxBody.bytes else {
            return refuse(.tooLong, environment: delivery?.claim.environment, context)
        }
        guard receiver.memory.take(bytes.readableBytes) else {
            return refuse(.memoryFull, environment: delivery?.claim.environment, context)
        }
        delivery?.payload.append(contentsOf: bytes.readableBytesView)
    }

    func complete(_ context: ChannelHandlerContext) {
        // A request that was answered at its head ends without a second answer.
        guard phase == .receiving, let delivery else { return }
        request.isWhole = true
        let (environment, size) = (delivery.claim.environment, delivery.payload.count)
        if let rejection = receiver.configuration.senderAuthenticator.rejection(of: delivery.payload, delivery.claim) {
            return refuse(Rejection(rejection), environment: environment, context)
        }
        // From here on the payload belongs to the writer, and its memory is released when it is written.
        self.delivery = nil
        enter(.answering, context)
        let (memory, metrics) = (receiver.memory, receiver.metrics)
        receiver.store(delivery.payload, headers: delivery.headers, in: environment, on: context.eventLoop)
            .assumeIsolated().whenComplete { [self] result in
                memory.give(size)
                switch result {
                case .success(let id):
                    metrics.stored(environment, bytes: size)
                    answer(.stored(id), context)
                case .failure(let rejection as Rejection): refuse(rejection, environment: environment, context)
                case .failure(let error): refuse(.notWritten, environment: environment, context, cause: error)
                }
            }
    }

    private func probe(_ context: ChannelHandlerContext) {
        if let rejection = receiver.rejection { return answer(.refused(rejection), context) }
        enter(.answering, context)
        receiver.readiness.probe(on: context.eventLoop).assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success: answer(.text("ready"), context)
            case .failure(let error):
                receiver.rejections.note(error as? Rejection ?? .notWritten, nil, from: nil, cause: error)
                answer(.refused(.notWritten), context)
            }
        }
    }
}
