internal import Configuring
internal import NIOCore
internal import NIOHTTP1

/// Checks what Hummingbird does not: the `Host` of a request, and that an HTTP/1.0 connection ends with its answer.
///
/// It comes right after the HTTP parser, since later handlers see only the first `Host` and no version. An HTTP/1.1
/// request must have exactly one `Host`, and any `Host` must be a valid authority; otherwise it is answered 400 and
/// the connection closes (RFC 9112, section 3.2). The answer to an HTTP/1.0 request has that version, so it is not
/// chunked, and ends with the connection.
final class RequestHeadCheck: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// For each request that is not answered yet, whether the connection ends with the answer.
    private var unanswered = CircularBuffer<Bool>()
    private var isRefusing = false
    private var isClosing = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // Nothing is read after the last request of a connection.
        guard !isRefusing, !isClosing else { return }
        if case .head(let head) = unwrapInboundIn(data) {
            guard Self.isValid(head) else {
                isRefusing = true
                if unanswered.isEmpty { refuse(context) }
                return
            }
            unanswered.append(head.version == .http1_0)
        }
        context.fireChannelRead(data)
    }

    private static func isValid(_ head: HTTPRequestHead) -> Bool {
        let hosts = head.headers["host"].map { String($0.reversed().drop { $0 == " " || $0 == "\t" }.reversed()) }
        return (hosts.count == 1 || hosts.isEmpty && head.version == .http1_0) && hosts.allSatisfy(HostHeader.isValid)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isClosing else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head) where unanswered.first == true && head.status.code >= 200:
            head.version = .http1_0
            head.headers.replaceOrAdd(name: "Connection", value: "close")
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end:
            isClosing = unanswered.popFirst() ?? false
            let promise = promise ?? context.eventLoop.makePromise()
            context.writeAndFlush(data, promise: promise)
            if isClosing {
                close(context, after: promise.futureResult)
            } else if isRefusing, unanswered.isEmpty {
                refuse(context)
            }
        default: context.write(data, promise: promise)
        }
    }

    private func refuse(_ context: ChannelHandlerContext) {
        isClosing = true
        let body = "the request has no valid Host (RFC 9112, section 3.2)\n"
        let headers: HTTPHeaders = [
            "Content-Type": "text/plain; charset=utf-8", "Content-Length": "\(body.utf8.count)", "Connection": "close",
        ]
        let head = HTTPResponseHead(version: .http1_1, status: .badRequest, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
        close(context, after: context.writeAndFlush(wrapOutboundOut(.end(nil))))
    }

    private func close(_ context: ChannelHandlerContext, after written: EventLoopFuture<Void>) {
        let channel = context.channel
        written.whenComplete { _ in channel.close(promise: nil) }
    }
}
