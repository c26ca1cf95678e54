import Foundation
import FuzzTargets
import TestSupport
import Testing

/// Runs the seeds of `.ci/fuzz`, which include all inputs that it ever found, without libFuzzer.
@Suite struct SeedTests {
    @Test(arguments: FuzzTarget.allCases)
    func passesForTheSeeds(_ target: FuzzTarget) throws {
        let seeds = try Self.seeds(target)
        #expect(!seeds.isEmpty)
        for (name, bytes) in seeds {
            #expect(throws: Never.self, "\(target.rawValue)/\(name)") { try target.check(bytes) }
        }
    }

    @Test(arguments: FuzzTarget.allCases)
    func passesForMutationsOfTheSeeds(_ target: FuzzTarget) throws {
        var random = SeededGenerator("mutations of \(target.rawValue)")
        let seeds = try Self.seeds(target).values.sorted { $0.lexicographicallyPrecedes($1) }
        for _ in 0..<1500 {
            var bytes = seeds.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let start = Int.random(in: 0...bytes.count, using: &random)
                let end = min(bytes.count, start + Int.random(in: 0...4, using: &random))
                let other = seeds.randomElement(using: &random)?.piece(using: &random) ?? []
                bytes.replaceSubrange(start..<end, with: Bool.random(using: &random) ? other : [])
            }
            #expect(throws: Never.self, "\(Data(bytes).base64EncodedString())") { try target.check(bytes) }
        }
    }

    private static func seeds(_ target: FuzzTarget) throws -> [String: [UInt8]] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Seeds/\(target.rawValue)")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        return try Dictionary(
            uniqueKeysWithValues: names.map { ($0, Array(try Data(contentsOf: folder.appending(path: $0)))) })
    }
}

extension [UInt8] {
    /// Returns up to 16 consecutive bytes.
    fileprivate func piece(using random: inout SeededGenerator) -> [UInt8] {
        let start = Int.random(in: 0...count, using: &random)
        return Array(self[start...].prefix(Int.random(in: 1...16, using: &random)))
    }
}
