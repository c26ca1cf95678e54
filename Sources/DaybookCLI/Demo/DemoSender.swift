internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Webhooks

/// Sends deliveries as a provider would, one after the other.
struct DemoSender {
    let port: Int

    /// - Returns: The HTTP statuses of the answers.
    func post(_ bodies: [String], to environment: Environment) async throws -> [UInt] {
        let connection = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup).connect(
            host: "127.0.0.1", port: port
        ) { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHTTPClientHandlers()
                return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                    wrappingChannelSynchronously: channel)
            }
        }
        return try await connection.executeThenClose { inbound, outbound in
            var answers = inbound.makeAsyncIterator()
            var statuses: [UInt] = []
            for body in bodies {
                let headers: HTTPHeaders = [
                    "Host": "127.0.0.1:\(port)", "Content-Type": "application/json",
                    "Content-Length": "\(body.utf8.count)",
                ]
                let head = HTTPRequestHead(
                    version: .http1_1, method: .POST, uri: "/webhooks/\(environment)", headers: headers)
                try await outbound.write(
                    contentsOf: [.head(head), .body(.byteBuffer(ByteBuffer(string: body))), .end(nil)])
                while let part = try await answers.next() {
                    if case .head(let answer) = part { statuses.append(answer.status.code) }
                    if case .end = part { break }
                }
            }
            return statuses
        }
    }
}
