package import DurableFiles
internal import Glibc
package import Webhooks

extension EnvironmentSpool {
    /// Keeps one delivery, and returns once it is on disk: contents and name are both durable then.
    ///
    /// The rename of the payload is the commit; a sidecar is durable before it. Thread-safe, and safe beside other
    /// processes that receive into the same spool: names are drawn at random within the millisecond.
    ///
    /// Deliveries that wait together are made durable together: a filesystem's journal puts the fsyncs of files that
    /// come at once into one commit of its own, and their names share one fsync of `new/`. (A shared syncfs(2) in
    /// place of them was no faster on ext4, and waits for whatever others write to that filesystem.) One that comes alone
    /// pays a plain fsync of its file and of `new/`, and waits for nothing.
    ///
    /// - Parameters:
    ///   - payload: the body, exactly as received.
    ///   - headers: a JSON object of the request headers to keep; nil where there is none, and then no sidecar is made.
    /// - Throws: ``FileError``. Nothing was acknowledged then, and nothing stands under `new/` that a 200 spoke of.
    package func store(_ payload: [UInt8], headers: [UInt8]? = nil) throws(FileError) -> DeliveryID {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let nanoseconds = UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
        let id = DeliveryID(nanoseconds: nanoseconds, random: .random(in: .min ... .max))
        let name = EntryName(id)

        var body = try tmp.newFile(name.body)
        try body.write(payload)
        if let headers {
            var sidecar = try tmp.newFile(name.sidecar)
            try sidecar.write(headers)
            try sidecar.commit(in: new, as: name.sidecar, sync: names)
        }
        try body.commit(in: new, as: name.body, sync: names)
        return id
    }
}

/// The names under which a delivery's files stand.
package struct EntryName: Sendable {
    package let body: String

    /// Of a delivery that Daybook named.
    package init(_ id: DeliveryID) { body = "\(id).json" }

    /// Of a file that someone else may have named.
    package init(body: String) { self.body = body }

    private var stem: Substring { body.hasSuffix(".json") ? body.dropLast(5) : body[...] }
    package var sidecar: String { "\(stem)\(Self.sidecarSuffix)" }
    package var reason: String { "\(stem)\(Self.reasonSuffix)" }

    package static let sidecarSuffix = ".headers.json"
    package static let bodySuffix = ".json"
    package static let reasonSuffix = ".reason"
}
