/// How a system call goes wrong.
enum Fault: String, CaseIterable, Sendable, CustomStringConvertible {
    case ioError = "EIO"
    case noSpace = "ENOSPC"
    case tooManyFiles = "EMFILE"
    case kill = "SIGKILL"

    var description: String { rawValue }

    /// Whether a kernel could do this to the call.
    func canHappen(to call: SystemCall) -> Bool {
        switch self {
        case .kill: true
        case .ioError: call.name != "sync"
        case .tooManyFiles: ["open", "openat"].contains(call.name)
        case .noSpace:
            switch call.name {
            case "open", "openat": call.arguments.contains { $0.contains("O_CREAT") }
            case "write", "pwrite64", "mkdir", "mkdirat", "link", "linkat", "rename", "renameat", "renameat2", "fsync",
                "fdatasync", "ftruncate", "fallocate":
                true
            default: false
            }
        }
    }
}

/// One fault at one use of one system call.
struct FaultPoint: Sendable, CustomStringConvertible {
    let fault: Fault
    let call: String
    /// Which use of the call by its thread it is, from 1 on.
    let use: Int
    /// What the call is about there, from the traced folder on.
    let path: String

    var description: String { "\(fault) at \(call) \(use), \(path)" }

    /// As strace(1) wants it: the call is not carried out, and returns the error; or the process dies as it enters it.
    var injection: String {
        switch fault {
        case .kill: "\(call):signal=KILL:when=\(use)"
        default: "\(call):error=\(fault):when=\(use)"
        }
    }

    /// Every fault at every call below a folder that a trace shows.
    ///
    /// strace counts the uses of a call by each thread for itself, those elsewhere among them.
    ///
    /// - Parameter start: a place in the trace; only what began after it is wanted.
    static func all(in trace: Trace, below folder: String, after start: Int = 0) -> [FaultPoint] {
        struct Use: Hashable {
            let thread: Int
            let call: String
        }
        var uses: [Use: Int] = [:]
        let below = Set(trace.calls(below: folder).map(\.began).filter { $0 > start })
        return trace.calls.flatMap { call -> [FaultPoint] in
            let use = Use(thread: call.thread, call: call.name)
            uses[use, default: 0] += 1
            guard below.contains(call.began) else { return [] }
            return Fault.allCases.filter { $0.canHappen(to: call) }.map {
                FaultPoint(fault: $0, call: call.name, use: uses[use]!, path: call.path(below: folder))
            }
        }
    }

    /// Whether the fault came where it was meant to, as the trace of the run with it tells.
    func reach(in trace: Trace, below folder: String) -> Reach {
        let hit =
            fault == .kill
            ? trace.calls.last { $0.result == nil && $0.name == call } : trace.calls.first(where: \.isInjected)
        guard let hit else { return .nowhere }
        return hit.path(below: folder) == path ? .there : .elsewhere(hit.path(below: folder))
    }

    enum Reach: Equatable {
        case there, nowhere
        case elsewhere(String)
    }
}

extension SystemCall {
    /// What it is about, from a folder on; names of leaves, which are drawn at random, as stars.
    func path(below folder: String) -> String {
        guard let path, path != folder else { return "." }
        return (path.hasPrefix("\(folder)/") ? String(path.dropFirst(folder.count + 1)) : path)
            .replacing(/[0-9a-f]{32}/, with: "*")
    }
}

extension [FaultPoint] {
    /// Some of them, at random, and of each call and fault at least one.
    func sample(_ count: Int, using generator: inout some RandomNumberGenerator) -> [FaultPoint] {
        var rest = shuffled(using: &generator)
        var kinds: Set<[String]> = []
        var chosen: [FaultPoint] = []
        rest.removeAll { point in
            guard kinds.insert([point.call, point.fault.rawValue]).inserted else { return false }
            chosen.append(point)
            return true
        }
        return chosen + rest.prefix(Swift.max(0, count - chosen.count))
    }
}
