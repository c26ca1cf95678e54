// A plain loop of the client that `daybook replay` uses: posts each line of stdin, with no order, journal, or retry.
//
// usage: post-loop URL CONCURRENCY < lines

import AsyncHTTPClient
import NIOCore
import Synchronization

final class Lines: Sendable {
    private let lock = Mutex(())

    func next() -> String? { lock.withLock { _ in readLine() } }
}

let url = CommandLine.arguments[1]
let workers = Int(CommandLine.arguments[2]) ?? 1
var configuration = HTTPClient.Configuration()
configuration.httpVersion = .http1Only
configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = workers
let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
let lines = Lines()
let sent = try await withThrowingTaskGroup(of: Int.self) { group in
    for _ in 0..<workers {
        group.addTask {
            var sent = 0
            while let line = lines.next() {
                var request = HTTPClientRequest(url: url)
                request.method = .POST
                request.headers.add(name: "Content-Type", value: "application/json")
                request.body = .bytes(ByteBuffer(string: line))
                let response = try await client.execute(request, timeout: .seconds(30))
                _ = try await response.body.collect(upTo: 1 << 16)
                if response.status == .ok { sent += 1 }
            }
            return sent
        }
    }
    var sent = 0
    for try await count in group { sent += count }
    return sent
}
try await client.shutdown()
print(sent)
