package import DurableFiles
package import Webhooks

extension EnvironmentSpool {
    /// A delivery whose id and time of receipt are known.
    package struct KnownEntry: Sendable {
        package var id: DeliveryID
        package var payload: [UInt8]
        /// A JSON object of the request headers to keep, or `nil` to store no sidecar.
        package var headers: [UInt8]?

        package init(id: DeliveryID, payload: [UInt8], headers: [UInt8]?) {
            self.id = id
            self.payload = payload
            self.headers = headers
        }
    }

    /// Stores deliveries, and returns once the contents and names of all are durable, with two syncs for all of them.
    ///
    /// An entry that is in `new/` already is left as it is. If the function is interrupted, some of the entries are stored, and
    /// none in part. Only one process may call it at a time for each spool.
    ///
    /// - Parameter entries: With ids of version 7, which the entries are named by.
    /// - Returns: The number of entries that were not there.
    package func store(_ entries: [KnownEntry]) throws(FileError) -> Int {
        var missing: [KnownEntry] = []
        for entry in entries where try new.status(of: EntryName(entry.id).body) == nil { missing.append(entry) }
        guard !missing.isEmpty else { return 0 }
        for entry in missing {
            let name = EntryName(entry.id)
            if let headers = entry.headers {
                var sidecar = try tmp.newFile(name.sidecar, replacingLeftover: true)
                try sidecar.write(headers)
                try sidecar.finishUnsynced()
            }
            var body = try tmp.newFile(name.body, replacingLeftover: true)
            try body.write(entry.payload)
            try body.finishUnsynced()
        }
        try tmp.syncFilesystem()
        // As for a delivery that is received, the name of the sidecar is durable before that of the payload.
        for entry in missing where entry.headers != nil {
            let name = EntryName(entry.id).sidecar
            try tmp.rename(name, to: new, as: name)
        }
        try new.sync()
        for entry in missing {
            let name = EntryName(entry.id).body
            try tmp.rename(name, to: new, as: name)
        }
        try new.sync()
        return missing.count
    }
}
