import Foundation
import TestSupport
import Testing

/// Both programs on a disk that is full: a real small filesystem, filled to the last byte or nearly.
///
/// tmpfs takes a new name when it is full, and no contents; ext4 has blocks to account for, and reports some errors late.
@Suite(.enabled(if: !SmallFilesystem.Kind.usable.isEmpty, "mounting a filesystem is not allowed here"), .serialized)
struct DiskFullTests {
    typealias Kind = SmallFilesystem.Kind

    let scratch: TemporaryDirectory

    init() throws { scratch = try TemporaryDirectory(inMemory: true) }

    private func delivery(_ number: Int, size: Int = 0) -> Delivery {
        let text = String(repeating: "text of little weight ", count: size / 22)
        return Delivery(#"{"event":"X","data":{"business_id":"acme","n":\#(number),"text":"\#(text)"}}"#)
    }

    /// What is stored, less what was answered 200; and the other way round.
    private func expectSpool(holds acknowledged: [[UInt8]]) throws {
        let folder = scratch("spool/production/new")
        let stored = try FileManager.default.contentsOfDirectory(atPath: folder).map {
            try Array(Data(contentsOf: URL(filePath: "\(folder)/\($0)")))
        }
        #expect(stored.count == acknowledged.count)
        #expect(Set(stored) == Set(acknowledged))
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch("spool/production/tmp")) == [])
    }

    // MARK: Receiver

    /// Refusing begins at the reserve, while there is room still; it ends by itself.
    @Test(arguments: Kind.usable) func receiverAtItsReserve(on kind: Kind) throws {
        try receiver(on: kind, reserve: "2MiB", leaving: 1 << 20)
    }

    /// A burst that arrives within one measurement of the free space leaves the reserve alone, and the first sweep has room.
    @Test(arguments: Kind.usable) func aBurstLeavesTheReserve(on kind: Kind) throws {
        let reserve = 4 << 20
        let path = scratch("burst")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try SmallFilesystem.with(kind, on: path, mebibytes: 24) { disk in
            let receiver = try RunningServer.receiver(spool: "\(path)/spool", ["--reserve", "4MiB"], reserve: nil)
            var statuses: [Int] = []
            for number in 0..<400 { statuses.append(try receiver.post(delivery(number, size: 100_000))?.status ?? 0) }
            #expect(Set(statuses) == [200, 503])
            // Folders and the filesystem's own blocks take a little more than is promised.
            #expect(disk.free > reserve * 9 / 10, "\(disk.free) bytes are free")
            try receiver.stop()
            let result = try run("\(buildFolder)/daybook", ["sweep", "--json"], in: path)
            #expect(result.status == 0, "\(result.errors)")
        }
    }

    /// Without a reserve it is the write that fails.
    @Test(arguments: Kind.usable) func receiverOnAFullDisk(on kind: Kind) throws {
        try receiver(on: kind, reserve: "0", leaving: 0)
    }

    private func receiver(on kind: Kind, reserve: String, leaving rest: Int) throws {
        try FileManager.default.createDirectory(atPath: scratch("spool"), withIntermediateDirectories: false)
        try SmallFilesystem.with(kind, on: scratch("spool")) { try receiver(on: $0, reserve: reserve, leaving: rest) }
    }

    private func receiver(on disk: SmallFilesystem, reserve: String, leaving rest: Int) throws {
        let receiver = try RunningServer.receiver(spool: scratch("spool"), ["--reserve", reserve])
        try #require(receiver.port != 0, "\(receiver.errors)")
        var acknowledged: [[UInt8]] = []
        var number = 0
        func send() throws -> HTTPReply? {
            number += 1
            let delivery = delivery(number, size: 16_384)
            let answer = try receiver.post(delivery)
            if answer?.status == 200 { acknowledged.append(delivery.body) }
            return answer
        }
        for _ in 0..<3 { #expect(try send()?.status == 200) }
        #expect(try receiver.get("/ready")?.status == 200)

        for _ in 0..<2 {
            // How much is free is measured a few times a second. ext4 gives back late what was taken away before.
            func isRefused(_ answer: HTTPReply?) throws -> Bool {
                try disk.fill(leaving: rest)
                return answer?.status == 503
            }
            try waitUntil { try isRefused(try send()) }
            for _ in 0..<5 {
                try disk.fill(leaving: rest)
                let answer = try send()
                #expect(answer?.status == 503)
                #expect(answer?.headers["retry-after"] == "10")
            }
            // Without a reserve the few bytes of its probe may find a place where a delivery does not.
            if reserve != "0" { try waitUntil { try isRefused(try receiver.get("/ready")) } }
            #expect(try receiver.get("/health")?.status == 200)
            #expect(try receiver.get("/metrics")?.status == 200)
            try expectSpool(holds: acknowledged)

            disk.empty()
            try waitUntil { try send()?.status == 200 }
            try waitUntil { try receiver.get("/ready")?.status == 200 }
            #expect(try send()?.status == 200)
        }
        #expect(try receiver.stop().status == 0)
        try expectSpool(holds: acknowledged)
    }

    // MARK: Sweep

    /// With less and less room in the archive's filesystem: at each level the sweep either is done, or ends with 74 and
    /// has changed nothing. Where it had committed already, the next completes it.
    @Test(arguments: Kind.usable) func sweepIntoAFullDisk(_ kind: Kind) throws {
        let eve = try SweepScene.eventful()
        let undisturbed = try SweepScene(copyOf: eve)
        #expect(try run(daybook, undisturbed.sweep).status == 0)
        let dawn = try SweepOutcome(of: undisturbed)
        var (failed, committed) = (0, 0)
        let levels = [0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 160, 192, 224, 256, 320, 384, 448, 512]
        for (place, rest) in levels.enumerated() where isLong || place.isMultiple(of: 3) {
            let scene = try SweepScene(copyOf: eve, ["spool"])
            try FileManager.default.createDirectory(
                atPath: scene.folder("archive"), withIntermediateDirectories: false)
            try SmallFilesystem.with(kind, on: scene.folder("archive")) { disk in
                #expect(try run("cp", ["-a", "\(eve.folder("archive"))/.", scene.folder("archive")]).status == 0)
                let before = try SweepOutcome(of: scene)
                try disk.fill(leaving: rest << 10)
                let sweep = try run(daybook, scene.sweep)
                #expect([0, 74].contains(sweep.status), "\(rest) KiB: \(sweep.errors)")
                disk.empty()
                if sweep.status != 0 {
                    failed += 1
                    #expect(sweep.errors.hasPrefix("daybook: "))
                    let changes = try SweepOutcome(of: scene).differences(from: before)
                    if changes.contains(where: { $0.contains("sweeps [sweep:2 kind:") }) {
                        committed += 1
                    } else {
                        // What a receiver left unfinished is taken away before anything else.
                        #expect(changes.filter { !$0.contains("/tmp/") } == [], "\(rest) KiB: \(sweep.errors)")
                    }
                }
                let again = try run(daybook, scene.sweep)
                #expect(again.status == 0, "\(rest) KiB: \(again.errors)")
                #expect(try run(daybook, scene.verify).status == 0)
                #expect(try SweepOutcome(of: scene).differences(from: dawn) == [], "\(rest) KiB")
            }
        }
        print("sweeps into a full \(kind): \(failed) ended with 74, \(committed) of them after the commit")
        #expect(failed > 0)
    }

    /// Spool and archive share the disk, which the receiver fills up to its reserve. The sweep finds room enough in
    /// that, and after it the receiver takes deliveries again.
    @Test(arguments: Kind.usable) func theReserveIsForTheSweep(on kind: Kind) throws {
        try FileManager.default.createDirectory(atPath: scratch("disk"), withIntermediateDirectories: false)
        try SmallFilesystem.with(kind, on: scratch("disk")) { try shareDisk($0) }
    }

    private func shareDisk(_ disk: SmallFilesystem) throws {
        let places = ["--spool", scratch("disk/spool"), "--archive", scratch("disk/archive")]
        let receiver = try RunningServer.receiver(spool: scratch("disk/spool"), ["--reserve", "6MiB"])
        try #require(receiver.port != 0, "\(receiver.errors)")
        var number = 0
        func send() throws -> Int? {
            number += 1
            // Not so fast that much of the reserve is gone before it is measured again.
            usleep(20_000)
            return try receiver.post(delivery(number, size: 100_000))?.status
        }
        #expect(try send() == 200)
        try waitUntil { try send() == 503 }
        let sweep = try run(daybook, ["sweep"] + places)
        #expect(sweep.status == 0, "\(sweep.errors)")
        try waitUntil { try send() == 200 }

        // To the last byte, whoever took it: nothing changes, and nothing is in the way once there is room.
        try disk.fill(leaving: 0)
        let before = try Tree(scratch, "disk/spool") { $0 == "_sweep.lock" }
        let full = try run(daybook, ["sweep"] + places)
        #expect(full.status == 74, "\(full.errors)")
        #expect(try Tree(scratch, "disk/spool") { $0 == "_sweep.lock" }.differences(from: before) == [])
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: scratch("disk/archive/_sweeps")).sorted() == [
                "1.ndjson.gz", "_daybook.json",
            ])
        try waitUntil { try receiver.get("/ready")?.status == 503 }
        disk.empty()
        #expect(try run(daybook, ["sweep"] + places).status == 0)
        #expect(try run(daybook, ["verify", "--archive", scratch("disk/archive")]).status == 0)
        try waitUntil { try send() == 200 }
        #expect(try receiver.stop().status == 0)
    }
}
