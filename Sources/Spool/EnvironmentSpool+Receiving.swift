package import DurableFiles
internal import Glibc
package import Webhooks

extension EnvironmentSpool {
    /// Stores one delivery, and returns once its contents and its name are both durable.
    ///
    /// The rename of the payload is the commit. A sidecar is durable before it. The function is safe to call from
    /// several threads and processes at once, since the names contain random bits for each millisecond.
    ///
    /// Deliveries that wait at the same time become durable together. The filesystem's journal combines the fsyncs of
    /// their files into one commit, and their names share one fsync of `new/`. (A shared syncfs(2) instead was not
    /// faster on ext4, and waits for everything that others write to that filesystem.) A delivery that arrives alone
    /// costs one fsync of its file and one of `new/`, without any waiting.
    ///
    /// - Parameters:
    ///   - payload: The body, exactly as received.
    ///   - headers: A JSON object of the request headers to keep, or `nil` to store no sidecar.
    /// - Throws: ``FileError``. The delivery must not be acknowledged then.
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
            try sidecar.commit(in: new, as: name.sidecar, sync: newNames)
        }
        try body.commit(in: new, as: name.body, sync: newNames)
        return id
    }
}
