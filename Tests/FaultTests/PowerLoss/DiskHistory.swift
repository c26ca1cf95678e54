import TestSupport

/// One change of a disk, which lasts only once a sync has covered it.
struct DiskChange: Sendable {
    enum Kind: Sendable {
        /// A name, of what is new or has other names already.
        case add(name: String, folder: Int, node: Int, isFolder: Bool)
        case remove(name: String, folder: Int)
        case rename(from: String, to: String, folder: Int, node: Int)
        case write(file: Int, offset: Int, bytes: [UInt8])
        case setSize(file: Int, Int)
    }

    let kind: Kind
    /// The system call, and the last path that it named.
    let call: String
    let path: String
    /// Moments of the history: when the system call began, and when it had returned.
    let began: Int
    let ended: Int
    /// By their places in the history, changes without which this one cannot have lasted: the one before it of the same
    /// name; and for a removal by a rename(2) into another folder, the addition there.
    var needs: [Int] = []
    /// From which moment on a sync has made it last; `.max` for never.
    var durable = Int.max

    /// For people.
    var title: String { "\(call) \(path)" }

    /// Of what file the data are; nil for a change of names.
    var file: Int? {
        switch kind {
        case .write(let file, _, _), .setSize(let file, _): file
        default: nil
        }
    }

    /// The names that it is about.
    var slots: [Slot] {
        switch kind {
        case .add(let name, let folder, _, _), .remove(let name, let folder): [Slot(folder: folder, name: name)]
        case .rename(let old, let new, let folder, _):
            [Slot(folder: folder, name: old), Slot(folder: folder, name: new)]
        case .write, .setSize: []
        }
    }

    struct Slot: Hashable, Sendable {
        let folder: Int
        let name: String
    }
}

/// One sync.
struct DiskSync: Sendable {
    enum Scope: Sendable, Equatable {
        /// The data and the size of a file, or the names in a folder.
        case node(Int)
        case all
    }

    let scope: Scope
    /// fsync, fdatasync, syncfs or sync.
    let call: String
    /// Of what it was asked for, from the root on.
    let path: String
    let began: Int
    let ended: Int
}

/// The changes that a disk received in the course of a journey, parsed from traces of the system calls.
///
/// Moments are the lines of the traces, one trace after another. A call that changes a file in a way that is not known
/// here ends the recording: a model that leaves something out would prove nothing.
struct DiskHistory: Sendable {
    /// The durable contents before the journey.
    let start: Disk
    /// As the programs see it by now.
    private(set) var standing: Disk
    private(set) var changes: [DiskChange] = []
    private(set) var syncs: [DiskSync] = []
    /// When a 200 began to leave, by the id of its delivery.
    private(set) var answers: [String: Int] = [:]
    /// The contents that a path had at some time, at the moment when they got that name.
    private(set) var versions: [String: Set<[UInt8]>] = [:]
    /// The last moment so far.
    private(set) var now = 0

    private let root: String
    private var lastNode: Int
    private var lastOfSlot: [DiskChange.Slot: Int] = [:]

    /// Begins with the contents of a folder.
    init(of folder: TemporaryDirectory) throws {
        root = folder.path
        start = try Disk(of: folder)
        standing = start
        lastNode = max(start.files.keys.max() ?? 0, start.folders.keys.max() ?? 0)
        versions = start.contents().mapValues { [$0] }
    }

    /// Adds what one program did.
    ///
    /// - Parameter text: of strace(1) with `-f -y` and all data.
    mutating func record(_ text: String) throws {
        let trace = Trace(text)
        let base = now
        // Where several threads are at work, a number is free again as soon as its close(2) begins.
        func moment(_ call: SystemCall) -> Int { call.name == "close" ? call.began : call.ended }
        var offsets: [Int: Int] = [:]
        for call in trace.calls.sorted(by: { moment($0) < moment($1) }) {
            let began = base + call.began
            if ["write", "writev", "sendto", "sendmsg"].contains(call.name) {
                for match in call.arguments.joined(separator: ",").matches(of: /{\\"id\\":\\"([0-9a-f-]{36})\\"}/) {
                    answers[String(match.1)] = began
                }
            }
            // What was killed as it began a call did not carry it out.
            guard call.succeeded, call.ended != .max else { continue }
            try record(call, began: began, ended: base + call.ended, &offsets)
        }
        now = base + text.utf8.count { $0 == UInt8(ascii: "\n") } + 1
    }

    private mutating func record(
        _ call: SystemCall, began: Int, ended: Int, _ offsets: inout [Int: Int]
    ) throws {
        func add(_ kind: DiskChange.Kind, needs: Int? = nil) { self.add(kind, call, began, ended, needs) }
        func unknown() -> SceneError {
            SceneError(what: "\(call.name) of \(call.path ?? "?") is not known to the model")
        }
        let descriptor = call.arguments.first.flatMap(SystemCall.descriptor)
        let path = call.path.flatMap(within)
        if call.name == "sync" {
            syncs.append(DiskSync(scope: .all, call: "sync", path: "", began: began, ended: ended))
        }
        if call.name == "close" { descriptor.map { offsets[$0] = nil } }
        guard let path else { return }

        switch call.name {
        case "open", "openat", "creat":
            let flags = call.arguments.joined(separator: " ")
            if flags.contains("O_TMPFILE") { throw unknown() }
            if standing.find(path) == nil { try place(path, isFolder: false, call, began, ended) }
            guard let node = standing.find(path) else { throw unknown() }
            if flags.contains("O_TRUNC"), standing.files[node]?.bytes.isEmpty == false {
                add(.setSize(file: node, 0))
            }
            if let opened = call.value { offsets[opened] = flags.contains("O_APPEND") ? .max : 0 }
        case "mkdir", "mkdirat": try place(path, isFolder: true, call, began, ended)
        case "read":
            if let descriptor, let offset = offsets[descriptor], offset != .max {
                offsets[descriptor] = offset + (call.value ?? 0)
            }
        case "lseek": if let descriptor { offsets[descriptor] = call.value }
        case "write", "pwrite64":
            guard let node = standing.find(path), let descriptor, let count = call.value else { throw unknown() }
            let bytes = Array(SystemCall.unescaped(call.arguments[1]).prefix(count))
            guard bytes.count == count else { throw SceneError(what: "the trace does not hold all data of \(path)") }
            if call.name == "pwrite64" {
                guard let offset = Int(call.arguments[3]) else { throw unknown() }
                add(.write(file: node, offset: offset, bytes: bytes))
            } else {
                guard let offset = offsets[descriptor] else { throw unknown() }
                let end = standing.files[node]?.bytes.count ?? 0
                add(.write(file: node, offset: offset == .max ? end : offset, bytes: bytes))
                if offset != .max { offsets[descriptor] = offset + count }
            }
        case "ftruncate", "truncate":
            guard let node = standing.find(path), let size = Int(call.arguments[1]) else { throw unknown() }
            add(.setSize(file: node, size))
        case "unlink", "unlinkat", "rmdir":
            guard let (folder, name) = slot(path) else { throw unknown() }
            add(.remove(name: name, folder: folder))
        case "link", "linkat", "rename", "renameat":
            let names = call.arguments.indices.filter { call.arguments[$0].first == "\"" }.map { call.paths[$0] }
            guard names.count == 2, let from = names[0].flatMap(within), let to = names[1].flatMap(within),
                let (oldFolder, oldName) = slot(from), let (newFolder, newName) = slot(to),
                let node = standing.find(from)
            else { throw unknown() }
            let isFolder = standing.folders[node] != nil
            if call.name.hasPrefix("rename"), oldFolder == newFolder {
                add(.rename(from: oldName, to: newName, folder: oldFolder, node: node))
            } else {
                add(.add(name: newName, folder: newFolder, node: node, isFolder: isFolder))
                if call.name.hasPrefix("rename") {
                    add(.remove(name: oldName, folder: oldFolder), needs: changes.count - 1)
                }
            }
            versions[String(to), default: []].insert(standing.files[node]?.bytes ?? [])
        case "fsync", "fdatasync", "syncfs":
            guard let node = standing.find(path) else { throw unknown() }
            syncs.append(
                DiskSync(
                    scope: call.name == "syncfs" ? .all : .node(node), call: call.name, path: String(path),
                    began: began, ended: ended))
        case "mmap":
            // SQLite's shared memory, which it recreates after a crash, and never reads then.
            let isWritten =
                call.arguments.contains("MAP_SHARED") && call.arguments.contains { $0.contains("PROT_WRITE") }
            if isWritten, !path.hasSuffix("-shm") { throw unknown() }
        case "access", "chmod", "chown", "close", "epoll_ctl", "execve", "faccessat", "faccessat2", "fadvise64",
            "fchmod",
            "fchmodat", "fchown", "fcntl", "flock", "fstat", "fstatfs", "getcwd", "getdents64", "ioctl", "lstat",
            "newfstatat", "pread64", "readlink", "readlinkat", "stat", "statfs", "statx", "utimensat", "chdir":
            break
        default: throw unknown()
        }
    }

    /// A new file or folder.
    private mutating func place(
        _ path: Substring, isFolder: Bool, _ call: SystemCall, _ began: Int, _ ended: Int
    ) throws {
        guard let (folder, name) = slot(path) else { throw SceneError(what: "\(path) is made in no folder") }
        lastNode += 1
        add(.add(name: name, folder: folder, node: lastNode, isFolder: isFolder), call, began, ended, nil)
    }

    private mutating func add(
        _ kind: DiskChange.Kind, _ call: SystemCall, _ began: Int, _ ended: Int, _ needed: Int?
    ) {
        var change = DiskChange(
            kind: kind, call: call.name, path: call.path.flatMap(within).map(String.init) ?? "", began: began,
            ended: ended)
        change.needs = (needed.map { [$0] } ?? []) + change.slots.compactMap { lastOfSlot[$0] }
        for slot in change.slots { lastOfSlot[slot] = changes.count }
        changes.append(change)
        standing.apply(kind)
    }

    /// A path from the root on; nil for what lies elsewhere.
    private func within(_ path: String) -> Substring? {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        let path = "/" + parts.joined(separator: "/")
        return path == root ? "" : path.hasPrefix("\(root)/") ? path.dropFirst(root.count + 1) : nil
    }

    private func slot(_ path: Substring) -> (folder: Int, name: String)? {
        guard let slash = path.lastIndex(of: "/") else { return (Disk.root, String(path)) }
        return standing.find(path[..<slash]).map { ($0, String(path[path.index(after: slash)...])) }
    }

    // MARK: What lasts

    /// A copy in which each change has the moment at which it became durable. Call it when everything is recorded.
    ///
    /// - Parameter isLeftOut: syncs that shall count as if nobody had asked for them.
    func settled(without isLeftOut: (DiskSync) -> Bool = { _ in false }) -> DiskHistory {
        var history = self
        history.syncs.removeAll(where: isLeftOut)
        var ofNode: [Int: [DiskSync]] = [:]
        for sync in history.syncs {
            if case .node(let node) = sync.scope { ofNode[node, default: []].append(sync) }
        }
        let ofAll = history.syncs.filter { $0.scope == .all }
        for place in changes.indices {
            let change = changes[place]
            let nodes = Set(change.slots.map(\.folder) + [change.file].compactMap(\.self))
            // In doubt a sync that began before the call had returned does not cover it.
            history.changes[place].durable =
                (nodes.flatMap { ofNode[$0] ?? [] } + ofAll).filter { $0.began > change.ended }.map(\.ended).min()
                ?? .max
        }
        for place in changes.indices.reversed() {
            for needed in changes[place].needs {
                history.changes[needed].durable = min(
                    history.changes[needed].durable, history.changes[place].durable)
            }
        }
        return history
    }
}
