internal import NIOCore

/// The first to see a connection's bytes: it lets them through to the parser, keeps them back, or throws them away.
///
/// Kept back they are while a request is being answered, so that what a client sends ahead is not parsed before its
/// turn. Nothing is read then, so little comes; but at the end of a client's sending the kernel's whole buffer comes at
/// once, asked for or not. Of that no more than 64 KiB is kept.
///
/// Thrown away they are after the last answer: see ``ConnectionHandler``.
final class InboundGate: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    enum Mode { case open, held, discarding }

    private static let limit = 65_536

    private var mode = Mode.open
    private var kept = CircularBuffer<ByteBuffer>()
    private var keptBytes = 0
    private var inputEnded = false
    private var context: ChannelHandlerContext?
    /// Bytes were lost, since too many came ahead of their turn.
    private(set) var overran = false
    /// Bytes went through since this was last set to false.
    var sawBytes = false

    func hold() { if mode == .open { mode = .held } }

    func discard() {
        mode = .discarding
        kept.removeAll()
    }

    /// Lets through the next of what was kept back; with nothing left, the way is open again.
    ///
    /// - Returns: whether there was anything.
    func release() -> Bool {
        guard mode == .held, let context else { return false }
        if let bytes = kept.popFirst() {
            keptBytes -= bytes.readableBytes
            sawBytes = true
            context.fireChannelRead(wrapInboundOut(bytes))
            return true
        }
        mode = .open
        guard inputEnded else { return false }
        inputEnded = false
        context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        return true
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch mode {
        case .open:
            sawBytes = true
            context.fireChannelRead(data)
        case .held:
            let bytes = unwrapInboundIn(data)
            guard keptBytes + bytes.readableBytes <= Self.limit else {
                overran = true
                return
            }
            keptBytes += bytes.readableBytes
            kept.append(bytes)
        case .discarding: break
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed = event else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        switch mode {
        case .open: context.fireUserInboundEventTriggered(event)
        case .held: inputEnded = true
        case .discarding: context.close(promise: nil)
        }
    }
}
