import TestSupport

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
                "fdatasync", "syncfs", "ftruncate", "fallocate":
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
    var use: Int
    /// Which of those that are about the traced folder it is, from 1 on.
    let ordinal: Int
    /// What the call is about there, from the traced folder on.
    let path: String

    var description: String { "\(fault) at \(call) \(use), \(path)" }

    /// Whether the fault is that a file of the archive cannot be read.
    var isOfReading: Bool {
        fault == .ioError && path.hasPrefix("archive/") && ["openat", "pread64", "newfstatat"].contains(call)
    }

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
    /// - Parameters:
    ///   - start: a place in the trace; only what began after it is wanted.
    ///   - starring: random names, which are replaced by stars.
    static func all(
        in trace: Trace, below folder: String, after start: Int = 0, starring: Bool = false
    ) -> [FaultPoint] {
        struct Use: Hashable {
            let thread: Int
            let call: String
        }
        var (uses, ordinals): ([Use: Int], [Use: Int]) = ([:], [:])
        let below = Set(trace.calls(below: folder).map(\.began).filter { $0 > start })
        return trace.calls.flatMap { call -> [FaultPoint] in
            let use = Use(thread: call.thread, call: call.name)
            uses[use, default: 0] += 1
            guard below.contains(call.began) else { return [] }
            ordinals[use, default: 0] += 1
            return Fault.allCases.filter { $0.canHappen(to: call) }.map {
                FaultPoint(
                    fault: $0, call: call.name, use: uses[use]!, ordinal: ordinals[use]!,
                    path: call.path(below: folder, starring: starring))
            }
        }
    }

    /// Whether at this use of the call some thread is elsewhere, such as where its program is loaded: it would be struck
    /// there.
    func strikesElsewhere(in trace: Trace, below folder: String) -> Bool {
        let below = Set(trace.calls(below: folder).map(\.began))
        return Dictionary(grouping: trace.calls.filter { $0.name == call }, by: \.thread).values.contains {
            $0.count >= use && !below.contains($0[use - 1].began)
        }
    }

    /// Whether the fault occurred where it was meant to, according to the trace of its run.
    func reach(in trace: Trace, below folder: String) -> Reach {
        // Each thread that comes to that use of the call is struck.
        let hits = trace.calls.filter(isHit)
        let places = hits.map { $0.path(below: folder, starring: path.contains("*")) }
        return places.contains(path) ? .there : places.first.map { .elsewhere($0) } ?? .nowhere
    }

    enum Reach: Equatable {
        case there, nowhere
        case elsewhere(String)
    }

    /// Whether the fault came at all.
    func isHit(in trace: Trace) -> Bool { trace.calls.contains(where: isHit) }

    private func isHit(_ call: SystemCall) -> Bool {
        call.name == self.call && (fault == .kill ? call.result == nil : call.isInjected)
    }

    /// The use at which to try next, after a run of one thread that was struck elsewhere; nil where it was struck here.
    ///
    /// For a thread that makes other uses of the call in between, and not as many in every run.
    func nextUse(after trace: Trace, below folder: String) -> Int? {
        let below = Set(trace.calls(below: folder).map(\.began))
        var (uses, ordinals) = (0, 0)
        for call in trace.calls where call.name == self.call {
            uses += 1
            if below.contains(call.began) { ordinals += 1 }
            if isHit(call) {
                let isHere = ordinals == ordinal && below.contains(call.began)
                return isHere ? nil : use + Swift.max(1, ordinal - ordinals)
            }
            if ordinals == ordinal { return uses }
        }
        return Swift.max(1, use - 1)
    }
}

extension SystemCall {
    /// What it is about, from a folder on.
    ///
    /// - Parameter starring: random names of deliveries, probes, and leaves, which are replaced by stars.
    func path(below folder: String, starring: Bool) -> String {
        guard let path, path != folder else { return "." }
        let place = path.hasPrefix("\(folder)/") ? String(path.dropFirst(folder.count + 1)) : path
        return starring ? place.replacing(/[0-9a-f]{32}|[0-9a-f-]{36}|[0-9]{12,}/, with: "*") : place
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

extension FaultPoint {
    /// Returns what is wrong with how a program ended that met the fault: it may end by the signal, with 0, or with an exit code
    /// for input and output and a sentence on stderr.
    func failures(of result: ProgramResult) -> [String] {
        switch result.status {
        case 0: []
        case 137 where fault == .kill: []
        case 65, 66, 69, 73, 74: result.errors.isEmpty ? ["said nothing"] : []
        default: ["ended with \(result.status): \(result.errors)"]
        }
    }
}
