internal import NIOCore

/// The first handler to see a connection's bytes. It passes them on to the parser, holds them back, or discards them.
///
/// They are held back while a request is being answered, so that requests sent ahead are not parsed before their
/// turn. Nothing is read then, so little arrives; but when a client ends its sending half, the kernel's whole buffer
/// arrives at once. At most 64 KiB of that is held.
///
/// They are discarded after the last answer: see ``ConnectionHandler``.
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
    /// Bytes were discarded because too many arrived early.
    private(set) var overran = false
    /// Bytes passed through since this was last set to `false`.
    var sawBytes = false

    func hold() { if mode == .open { mode = .held } }

    func discard() {
        mode = .discarding
        kept.removeAll()
    }

    /// Passes on the next of the bytes that were held back. If there are none, later bytes pass directly.
    ///
    /// - Returns: Whether there were any.
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
