internal import NIOHTTP1
internal import Synchronization
internal import Webhooks

/// The counters since the program started.
final class Metrics: Sendable {
    enum Outcome: String, CaseIterable { case stored, refused, failed }

    private struct Counts {
        var deliveries: [Environment: [Outcome: Int]] = [:]
        var bytes: [Environment: Int] = [:]
        var rejections: [Rejection: Int] = [:]
        /// The counts by bound, the last for values above all bounds.
        var stores = [Int](repeating: 0, count: Metrics.bounds.count + 1)
        var storeSeconds = 0.0
    }

    /// The upper bounds of the histogram, in seconds: from a fast disk's sync to the longest time a sender waits.
    private static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private let counts = Mutex(Counts())

    func stored(_ environment: Environment, bytes: Int) {
        counts.withLock {
            $0.deliveries[environment, default: [:]][.stored, default: 0] += 1
            $0.bytes[environment, default: 0] += bytes
        }
    }

    /// - Parameter environment: The environment of the request, or `nil` if the request did not get as far as
    ///   naming one.
    func refused(_ rejection: Rejection, _ environment: Environment?) {
        counts.withLock {
            $0.rejections[rejection, default: 0] += 1
            guard let environment else { return }
            $0.deliveries[environment, default: [:]][rejection.isOurs ? .failed : .refused, default: 0] += 1
        }
    }

    /// Records the duration of one write, successful or not, without the wait for a thread.
    func wrote(in duration: Duration) {
        let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
        counts.withLock {
            $0.stores[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
            $0.storeSeconds += seconds
        }
    }

    /// The gauges, which are measured when they are read.
    struct Gauges {
        var inFlight: Int
        var connections: Int
        var queued: Int
        var bufferedBytes: Int
        var freeBytes: Int?
    }

    /// Returns the metrics in the Prometheus text exposition format, version 0.0.4. Every series exists from the
    /// start, at 0, so that a rate over the first increment is right too.
    func text(_ gauges: Gauges) -> String {
        let counts = counts.withLock { $0 }
        var text = ""
        func family(_ name: String, type: String, help: String, _ samples: [(labels: String, value: String)]) {
            text += "# HELP daybook_receiver_\(name) \(help)\n# TYPE daybook_receiver_\(name) \(type)\n"
            for sample in samples { text += "daybook_receiver_\(name)\(sample.labels) \(sample.value)\n" }
        }
        func gauge(_ name: String, help: String, _ value: Int?) {
            family(name, type: "gauge", help: help, value.map { [("", "\($0)")] } ?? [])
        }
        family(
            "deliveries_total", type: "counter",
            help: "Deliveries by what became of them; stored ones were answered 200.",
            Environment.allCases.flatMap { environment in
                Outcome.allCases.map { outcome in
                    (
                        #"{environment="\#(environment)",outcome="\#(outcome.rawValue)"}"#,
                        "\(counts.deliveries[environment]?[outcome] ?? 0)"
                    )
                }
            })
        family(
            "payload_bytes_total", type: "counter", help: "Bytes of payloads that were stored.",
            Environment.allCases.map { (#"{environment="\#($0)"}"#, "\(counts.bytes[$0] ?? 0)") })
        family(
            "refusals_total", type: "counter", help: "Requests that were not answered 200, by why.",
            Rejection.allCases.map {
                (#"{reason="\#($0.rawValue)",status="\#($0.status.code)"}"#, "\(counts.rejections[$0] ?? 0)")
            })
        gauge("requests_in_flight", help: "Requests that are being received or answered.", gauges.inFlight)
        gauge("connections", help: "Open connections.", gauges.connections)
        gauge("queued_deliveries", help: "Deliveries that wait for a thread to write them.", gauges.queued)
        gauge("buffered_bytes", help: "Bytes of payloads in memory.", gauges.bufferedBytes)
        gauge("spool_free_bytes", help: "Free bytes on the spool's filesystem.", gauges.freeBytes)

        text += "# HELP daybook_receiver_store_seconds How long it took to make a delivery durable.\n"
        text += "# TYPE daybook_receiver_store_seconds histogram\n"
        var total = 0
        for (bound, count) in zip(Self.bounds.map { "\($0)" } + ["+Inf"], counts.stores) {
            total += count
            text += "daybook_receiver_store_seconds_bucket{le=\"\(bound)\"} \(total)\n"
        }
        text += "daybook_receiver_store_seconds_sum \(counts.storeSeconds)\n"
        text += "daybook_receiver_store_seconds_count \(total)\n"
        return text
    }
}
