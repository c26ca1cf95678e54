import Foundation
import Synchronization
import TestSupport
import Webhooks

/// What the programs did in a folder, one after another, and what they promised by it.
struct PowerLossJourney: Sendable {
    /// One program's run.
    struct Stage: Sendable {
        let title: String
        /// Moments of the history.
        let span: ClosedRange<Int>
        /// The seals that existed when it had ended: their bytes by path.
        let seals: [String: [UInt8]]
    }

    private(set) var history: DiskHistory
    private(set) var stages: [Stage] = []
    /// Deliveries that a receiver answered 200, with their ids.
    private(set) var acknowledged: [(id: String, delivery: Delivery)] = []
    /// Lines, each with the moment from which it must exist.
    private(set) var owed: [(moment: Int, line: Promises.Line)] = []
    private let folder: TemporaryDirectory
    let options: [String]

    /// - Parameter folder: The folder of `spool` and `archive`, which may not exist yet.
    init(in folder: TemporaryDirectory, options: [String] = []) throws {
        self.folder = folder
        self.options = options
        history = try DiskHistory(of: folder)
    }

    static func places(_ folder: TemporaryDirectory) -> [String] {
        ["--spool", folder("spool"), "--archive", folder("archive")]
    }

    private static let data = 1 << 20

    // MARK: Stages

    static let receiver = "daybook-receiver"

    /// A receiver takes deliveries, several at a time.
    mutating func receive(_ deliveries: [Delivery], senders: Int) throws {
        let scratch = try TemporaryDirectory(inMemory: true)
        let tracing = Strace.options(
            output: scratch("trace"), tracing: "\(Strace.ofFiles),sendto,sendmsg", injections: [], data: Self.data)
        let receiver = try RunningServer.receiver(
            spool: folder("spool"), ["--writers", "\(senders)", "--id-header", "webhook-id"],
            tracing: ["strace"] + tracing)
        guard receiver.port != 0 else { throw SceneError(what: receiver.errors) }
        let port = receiver.port
        let answers = Mutex<[(id: String, delivery: Delivery)]>([])
        DispatchQueue.concurrentPerform(iterations: senders) { sender in
            for place in stride(from: sender, to: deliveries.count, by: senders) {
                guard let id = (try? deliveries[place].send(to: port))?.deliveryID else { continue }
                answers.withLock { $0.append((id, deliveries[place])) }
            }
        }
        let status = try receiver.stop().status
        guard status == 0 else { throw SceneError(what: "the receiver ended with \(status): \(receiver.errors)") }
        let answered = answers.withLock { $0 }
        acknowledged += answered
        try add(Self.receiver, trace: String(decoding: try scratch.read("trace"), as: UTF8.self))
        guard answered.count == deliveries.count, answered.allSatisfy({ history.answers[$0.id] != nil }) else {
            throw SceneError(what: "some deliveries were not answered 200")
        }
    }

    /// A command of `daybook` runs.
    ///
    /// - Parameter injection: what strace(1) has it killed by, as of ``Strace/options(output:tracing:injections:data:)``.
    mutating func run(_ title: String, _ arguments: [String], killedBy injection: String? = nil) throws {
        let scratch = try TemporaryDirectory(inMemory: true)
        let tracing = Strace.options(
            output: scratch("trace"), tracing: Strace.ofFiles, injections: [injection].compactMap(\.self),
            data: Self.data)
        let result = try TestSupport.run("strace", tracing + [daybook] + arguments, environment: Strace.environment)
        guard result.status == (injection == nil ? 0 : 137) else {
            throw SceneError(what: "\(title) ended with \(result.status): \(result.errors)")
        }
        try add(title, trace: String(decoding: try scratch.read("trace"), as: UTF8.self))
    }

    mutating func sweep(_ title: String, threads: Int = 1, killedBy injection: String? = nil) throws {
        try run(
            title, ["sweep"] + Self.places(folder) + options + ["--threads", "\(threads)"], killedBy: injection)
    }

    /// What is decided has to be so from the end of the command on.
    mutating func decide(_ kind: String, _ id: String) throws {
        try run("daybook quarantine \(kind)", ["quarantine", kind] + Self.places(folder) + ["--by", "someone", id])
        owed.append((history.now, Promises.Line(id: id, text: #"{"kind":"\#(kind)","id":"\#(id)""#)))
    }

    private mutating func add(_ title: String, trace: String) throws {
        let begin = history.now + 1
        try history.record(trace)
        // What the model takes the programs to see is what they do see, or it is not worth much.
        let model = history.standing.contents().filter { !$0.key.hasSuffix("-shm") }
        let files = try Tree(folder, "") { $0.hasSuffix("-shm") }.files
        let differing = Set(model.keys).union(files.keys).filter { model[$0] != files[$0] }
        guard differing.isEmpty else {
            throw SceneError(what: "after \(title) the model of the disk differs in \(differing.sorted())")
        }
        let seals = files.filter { $0.key.contains("/_seals/") }
        stages.append(Stage(title: title, span: begin...history.now, seals: seals))
    }

    /// Whatever was in `new/` before, or in archives and ledgers, is owed: the lines that it has become by now.
    mutating func oweWhatWasThere() throws {
        let received = Set(acknowledged.map(\.id))
        owed += try ArchiveLines(in: folder).lines.filter { !$0.isDecision && !received.contains($0.id) }.map {
            (0, Promises.Line(id: $0.id, text: $0.text))
        }
    }

    // MARK: Cuts

    mutating func settle(without isLeftOut: (DiskSync) -> Bool = { _ in false }) {
        history = history.settled(without: isLeftOut)
    }

    /// The moments between which the disk, or what is owed of it, may be another.
    var moments: [Int] {
        let edges =
            history.changes.flatMap { [$0.began, $0.ended] } + history.syncs.map(\.ended) + history.answers.values
        return Set(edges + [0, history.now]).sorted()
    }

    func stage(at moment: Int) -> Stage? { stages.first { $0.span.contains(moment) } }
}

/// The lines of archives and ledgers, as any program can read them.
struct ArchiveLines {
    struct Line {
        let text: String
        let id: String
        /// `redelivery`, `quarantine`, `release` or `discard`; nil for an event.
        let kind: String?
        let sha256: String?
        let source: String?
        /// The sender's id.
        let key: String?

        /// A person's, on what has a line of its own.
        var isDecision: Bool { kind == "release" || kind == "discard" }
    }

    let lines: [Line]

    init(in folder: TemporaryDirectory) throws {
        let found = try run(
            "sh", ["-c", "find \(folder("archive")) -path '*/environment=*' -name '*.ndjson.gz' -exec gzip -dc {} +"])
        guard found.status == 0 else { throw SceneError(what: found.errors) }
        lines = found.lines.map { text in
            func member(_ name: String) -> String? {
                guard let start = text.firstRange(of: "\"\(name)\":\"")?.upperBound else { return nil }
                return String(text[start...].prefix { $0 != "\"" })
            }
            return Line(
                text: text, id: member("id") ?? "", kind: text.hasPrefix("{\"kind\"") ? member("kind") : nil,
                sha256: member("sha256"), source: member("source"),
                key: member("key"))
        }
    }
}
