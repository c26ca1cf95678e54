/// Whether each 200 of a receiver left only after its delivery was on disk, read off a trace of its system calls.
///
/// For a delivery that was answered 200, these have to return before the call begins that sends any byte of the answer,
/// and in this order:
///
/// 1. every write(2) to the payload's file,
/// 2. a sync of that file, which began after the last of them,
/// 3. the rename(2) or link(2) of it to `new/<id>.json`,
/// 4. a sync of the name, which began after that returned.
///
/// Where there is a sidecar, it went the same way, and all of that returned before the payload's rename began. And before
/// the first 200, each folder that the receiver made was synced into its parent.
///
/// A file is synced by fsync(2) or fdatasync(2) of it, a name by fsync(2) of its folder, and both by syncfs(2) of their
/// filesystem or sync(2), which on Linux returns when all is written. Any thread may make the calls, and one sync may
/// serve many deliveries: what counts is when it began and when it returned. A sync that failed, or that strace(1)
/// pretended to have carried out, is none; but a write that did not return well, or not at all, is still a write.
struct AcknowledgementOrder {
    /// The ids of deliveries that were answered 200.
    private(set) var acknowledged: [String] = []
    /// What was not as it has to be: a sentence each.
    private(set) var violations: [String] = []
    private let calls: [SystemCall]
    private let writes: [SystemCall]
    private let spool: String

    /// - Parameter spool: the path of the spool, which is all on one filesystem.
    init(_ trace: Trace, spool: String) {
        self.spool = spool
        calls = trace.calls.filter(\.succeeded)
        writes = trace.calls.filter { ["write", "pwrite64", "writev", "pwritev"].contains($0.name) }
        // An answer leaves when its call begins, whatever it returns.
        for call in trace.calls where ["write", "writev", "sendto", "sendmsg"].contains(call.name) {
            let data = call.arguments.joined(separator: ",")
            let answers = data.ranges(of: "HTTP/1.1 200 OK").count
            guard answers > 0 else { continue }
            let ids = data.matches(of: /{\\"id\\":\\"([0-9a-f-]{36})\\"}/).map { String($0.1) }
            if ids.count != answers { violations.append("a 200 leaves without the id of its delivery") }
            if acknowledged.isEmpty { requireFolders(before: call.began) }
            acknowledged += ids
            for id in ids { requireDelivery(id, before: call.began) }
        }
    }

    private mutating func requireDelivery(_ id: String, before end: Int) {
        guard let renamed = requireDurable("\(id).json", before: end) else { return }
        if calls.contains(where: { $0.path?.hasSuffix("/\(id).headers.json") ?? false }) {
            _ = requireDurable("\(id).headers.json", before: renamed.began)
        }
    }

    private mutating func requireFolders(before end: Int) {
        for made in calls where ["mkdir", "mkdirat"].contains(made.name) && made.ended < end {
            guard let path = made.path, isNameSynced(path, after: made.ended, before: end) else {
                violations.append("\(made.path ?? "a folder"): its name was not synced")
                continue
            }
        }
    }

    /// - Returns: what gave it its final name, where all is well.
    private mutating func requireDurable(_ name: String, before end: Int) -> SystemCall? {
        func fail(_ sentence: String) -> SystemCall? {
            violations.append("\(name): \(sentence)")
            return nil
        }
        let writes = writes.filter { Self.isAbout(name, $0) }
        guard writes.contains(where: \.succeeded), let written = writes.map(\.ended).max() else {
            return fail("nothing was written")
        }
        guard written < end else { return fail("it was still being written") }
        let synced = calls.first { call in
            call.began > written && call.ended < end
                && (isSyncOfAll(call) || ["fsync", "fdatasync"].contains(call.name) && Self.isAbout(name, call))
        }
        guard let synced else { return fail("its contents were not synced") }
        let renamed = calls.first {
            ["rename", "renameat", "renameat2", "link", "linkat"].contains($0.name)
                && $0.path?.hasSuffix("/new/\(name)") ?? false
        }
        guard let renamed, let path = renamed.path, renamed.ended < end else { return fail("it was not in new/") }
        guard synced.ended < renamed.began else { return fail("it was in new/ before its contents were synced") }
        return isNameSynced(path, after: renamed.ended, before: end) ? renamed : fail("its name was not synced")
    }

    private static func isAbout(_ name: String, _ call: SystemCall) -> Bool {
        call.paths.contains { $0?.hasSuffix("/\(name)") ?? false }
    }

    private func isNameSynced(_ path: String, after begin: Int, before end: Int) -> Bool {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) }
        return calls.contains { call in
            call.began > begin && call.ended < end
                && (isSyncOfAll(call) || call.name == "fsync" && call.path == folder)
        }
    }

    private func isSyncOfAll(_ call: SystemCall) -> Bool {
        switch call.name {
        case "sync": true
        case "syncfs": call.path.map { $0 == spool || $0.hasPrefix("\(spool)/") } ?? false
        default: false
        }
    }
}
