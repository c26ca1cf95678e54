internal import ArgumentParser
internal import Configuring

struct LimitOptions: ParsableArguments {
    @Option(help: "The largest payload accepted. (default: 1MiB)")
    var maxBody: ByteSize?

    @Option(help: "The memory for all payloads together. (default: 256MiB)")
    var maxBuffered: ByteSize?

    @Option(help: "The number of open connections; further ones are answered 503. (default: 1024)")
    var maxConnections: Int?

    @Option(help: "The time from a request's first byte to the end of its headers. (default: 10s)")
    var headerTimeout: TimeSpan?

    @Option(help: "The time from the end of a request's headers to the end of its payload. (default: 30s)")
    var bodyTimeout: TimeSpan?

    @Option(help: "The time from an answer to the first byte of the next request. (default: 60s)")
    var idleTimeout: TimeSpan?

    @Option(help: "The space to keep free on the spool's filesystem; 0 is off. (default: 256MiB)")
    var reserve: ByteSize?

    @Option(help: "The number of threads that write deliveries. (default: 64)")
    var writers: Int?

    @Option(help: "The number of deliveries that may wait for a writer; further ones are answered 503. (default: 1024)")
    var queue: Int?

    @Option(help: "How long requests in progress may take after SIGTERM. (default: 10s)")
    var grace: TimeSpan?
}
