import Foundation
import Synchronization
import TestSupport
import Testing

/// The same on real filesystems, each cut off from its disk at some moment: see ``CrashingFilesystem``.
@Suite(
    .enabled(if: !CrashingFilesystem.Kind.usable.isEmpty, "no filesystem can be made, mounted and shut down here"),
    .serialized)
struct FilesystemCutTests {
    /// A receiver under load is cut off, and whatever it had answered 200 is there.
    @Test(arguments: CrashingFilesystem.Kind.usable) func receiving(_ kind: CrashingFilesystem.Kind) throws {
        var generator = SeededGenerator("power cut of \(kind.rawValue), receiving")
        var answered = 0
        let rounds = isLong ? 60 : 2
        for round in 1...rounds {
            let folder = try TemporaryDirectory()
            try CrashingFilesystem.with(kind, on: folder) { filesystem in
                let receiver = try RunningServer.receiver(
                    spool: folder("spool"), ["--writers", "4", "--id-header", "webhook-id"])
                try #require(receiver.port != 0, "\(receiver.errors)")
                let port = receiver.port
                let isCut = Mutex(false)
                let acknowledged = Mutex<[(id: String, delivery: Delivery)]>([])
                let limit = Int.random(in: 1...120, using: &generator)
                DispatchQueue.concurrentPerform(iterations: 4) { sender in
                    var number = 0
                    while !isCut.withLock({ $0 }) {
                        // Each third is the same as one before it.
                        let text =
                            #"{"event":"X","data":{"business_id":"b\#(sender)","n":\#(number / 3 * 2 + number % 2)}}"#
                        let headers = number % 5 == 0 ? ["webhook-id": "\(sender)-\(number)"] : [:]
                        let delivery = Delivery(text, to: number % 2 == 0 ? "sandbox" : "production", headers: headers)
                        number += 1
                        guard let id = (try? delivery.send(to: port))?.deliveryID else { continue }
                        let count = acknowledged.withLock {
                            $0.append((id, delivery))
                            return $0.count
                        }
                        if count == limit {
                            isCut.withLock { $0 = true }
                            do { try filesystem.cut() } catch { Issue.record("round \(round): \(error)") }
                        }
                    }
                }
                try receiver.stop(by: SIGKILL)
                try filesystem.mountAgain()
                let promises = Promises(
                    acknowledged: acknowledged.withLock { $0 }, options: ["--id-header", "webhook-id"])
                answered += promises.acknowledged.count
                let broken = try promises.broken(in: folder)
                if !broken.isEmpty { Issue.record("round \(round): \(broken.joined(separator: "; "))") }
            }
        }
        print("power cut of \(kind.rawValue), receiving: \(rounds) cuts, \(answered) answers of 200")
    }

    /// A filesystem shuts itself down, too, when its disk fails: and no 200 may claim then that a delivery is on disk,
    /// whatever the kernel says. (XFS says 0 to fsync(2) of a folder.)
    @Test(
        .enabled(if: Strace.isUsable, Comment(rawValue: Strace.whyNot)), arguments: CrashingFilesystem.Kind.usable)
    func cutBeforeANameIsSynced(_ kind: CrashingFilesystem.Kind) throws {
        let (folder, scratch) = (try TemporaryDirectory(), try TemporaryDirectory())
        try CrashingFilesystem.with(kind, on: folder) { filesystem in
            let new = folder("spool/production/new")
            try FileManager.default.createDirectory(atPath: new, withIntermediateDirectories: true)
            try filesystem.sync()
            let tracing = Strace.options(
                output: scratch("trace"), tracing: "fsync", injections: ["fsync:delay_enter=3s"])
            let receiver = try RunningServer.receiver(spool: folder("spool"), tracing: ["strace", "-P", new] + tracing)
            try #require(receiver.port != 0, "\(receiver.errors)")
            let port = receiver.port
            let status = Mutex<Int?>(nil)
            let sender = Thread {
                let answer = try? Delivery(#"{"event":"X","data":{}}"#).send(to: port)
                status.withLock { $0 = answer?.status ?? 0 }
            }
            sender.start()
            try waitUntil { try !FileManager.default.contentsOfDirectory(atPath: new).isEmpty }
            try filesystem.cut()
            try waitUntil { status.withLock { $0 } != nil }
            #expect(status.withLock { $0 } == 503)
            try receiver.stop(by: SIGKILL)
        }
    }

    /// A receiver whose kernel says that all was synced, and does nothing, loses what it answered 200: so the cut is one.
    @Test(
        .enabled(if: Strace.isUsable, Comment(rawValue: Strace.whyNot)), arguments: CrashingFilesystem.Kind.usable)
    func withoutSyncs(_ kind: CrashingFilesystem.Kind) throws {
        let (folder, scratch) = (try TemporaryDirectory(), try TemporaryDirectory())
        try CrashingFilesystem.with(kind, on: folder) { filesystem in
            try FileManager.default.createDirectory(
                atPath: folder("spool/production/new"), withIntermediateDirectories: true)
            try filesystem.sync()
            let tracing = Strace.options(
                output: scratch("trace"), tracing: "fsync,fdatasync,syncfs,sync",
                injections: ["fsync,fdatasync,syncfs,sync:retval=0"])
            let receiver = try RunningServer.receiver(spool: folder("spool"), tracing: ["strace"] + tracing)
            try #require(receiver.port != 0, "\(receiver.errors)")
            let delivery = Delivery(#"{"event":"X","data":{}}"#)
            let id = try #require(try receiver.post(delivery)?.deliveryID)
            try filesystem.cut()
            try receiver.stop(by: SIGKILL)
            try filesystem.mountAgain()
            #expect(
                try Promises(acknowledged: [(id, delivery)]).broken(in: folder)
                    == ["\(id) was acknowledged, and is in no archive or ledger"])
        }
    }

    /// A sweep is killed as it enters some system call, and its filesystem cut off.
    @Test(arguments: CrashingFilesystem.Kind.usable) func sweeping(_ kind: CrashingFilesystem.Kind) throws {
        var generator = SeededGenerator("power cut of \(kind.rawValue), sweeping")
        let eve = try SweepScene.eventful()
        let undisturbed = try SweepScene(copyOf: eve)
        let run = try Strace.run(daybook, undisturbed.sweep)
        try #require(run.result.status == 0, "\(run.result.errors)")
        let lines = try ArchiveLines(in: undisturbed.folder).lines.map { Promises.Line(id: $0.id, text: $0.text) }
        let calls = [
            "fsync", "fdatasync", "syncfs", "renameat", "unlinkat", "unlink", "pwrite64", "ftruncate", "mkdirat",
        ]
        let points = FaultPoint.all(in: run.trace, below: undisturbed.root).filter {
            $0.fault == .kill && calls.contains($0.call)
        }
        let chosen = isLong ? points : Array(points.shuffled(using: &generator).prefix(3))
        for point in chosen {
            let folder = try TemporaryDirectory()
            try CrashingFilesystem.with(kind, on: folder) { filesystem in
                for part in ["spool", "archive"] { try folder.copy(part, of: eve.folder) }
                try filesystem.sync()
                let arguments = undisturbed.sweep.map { $0.replacing(undisturbed.root, with: folder.path) }
                let killed = try Strace.run(daybook, arguments, injections: [point.injection])
                try filesystem.cut()
                #expect(killed.result.status == 137, "\(point)")
                try filesystem.mountAgain()
                let options = ["--id-header", "webhook-id", "--ignore-pointer", "/data/sent_at"]
                let broken = try Promises(lines: lines, options: options).broken(in: folder)
                if !broken.isEmpty { Issue.record("\(point): \(broken.joined(separator: "; "))") }
            }
        }
        print("power cut of \(kind.rawValue), sweeping: \(chosen.count) of \(points.count) cuts")
    }
}
