internal import Hummingbird
internal import NIOCore

/// The context of a request: the client's address, and the event loop of its connection.
struct PageContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let address: String
    let loop: any EventLoop

    init(source: Source) {
        loop = source.channel.eventLoop
        coreContext = .init(source: source)
        address = source.channel.remoteAddress?.ipAddress ?? "unknown"
    }
}
