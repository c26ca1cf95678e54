import Foundation
import TestSupport
import Testing

/// Gives a workbench to a test, and verifies the archive that the test leaves there.
func withWorkbench(_ body: (Workbench) throws -> Void) throws {
    let bench = try Workbench()
    try body(bench)
    if FileManager.default.fileExists(atPath: bench.folder("archive/_daybook.json")) { try bench.verify() }
}

extension Workbench {
    /// Every hash, link, count and sum is as promised.
    func verify(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let result = try daybook("verify")
        #expect(
            result.status == 0 && result.errors == "all is as promised\n", "\(result.text)\(result.errors)",
            sourceLocation: sourceLocation)
    }

    /// Sweeps, and returns the counts.
    @discardableResult
    func sweep(
        _ arguments: String..., environment: [String: String] = [:], sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> SweepCounts {
        let options = arguments.map { "'\($0)'" }.joined(separator: " ")
        let result = try sh("daybook sweep --json \(options)", environment: environment)
        #expect(result.status == 0 && result.errors == "", "\(result.errors)", sourceLocation: sourceLocation)
        return try result.json()
    }

    /// What `zcat` makes of a file of the archive.
    func zcat(_ path: String) throws -> [UInt8] {
        let result = try sh("zcat 'archive/\(path)'")
        try #require(result.status == 0, "\(path): \(result.errors)")
        return result.output
    }

    /// The lines of all archives, as `zcat` gives them.
    func archivedLines() throws -> [String] {
        try compressed().filter { !$0.contains("_ledger") }.flatMap { path in
            String(decoding: try zcat(path), as: UTF8.self).split(separator: "\n").map(String.init)
        }
    }
}

/// What `daybook sweep --json` prints.
struct SweepCounts: Decodable, Equatable {
    var sweep: Int?
    var received, archived, redelivered, quarantined, pending: Int
}

/// The provider's thirteen.
let eventTypes = [
    "NEW_BUSINESS", "NEW_SUBSCRIPTION", "SUBSCRIPTION_REQUEST", "SUBSCRIPTION_EXPIRED", "NEW_TRANSACTION_CREATED",
    "TRANSACTION_UPDATED", "TRANSACTION_DELETED", "RECORD_CREATED", "RECORD_UPDATED", "RECORD_DELETED",
    "INVENTORY_ITEM_CREATED", "INVENTORY_ITEM_UPDATED", "INVENTORY_ITEM_DELETED",
]

/// Whether to take the time that a thorough test takes: where `DAYBOOK_LONG` is 1.
let isLong = ProcessInfo.processInfo.environment["DAYBOOK_LONG"] == "1"

/// The path of one of the folder `Scripts`.
func script(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Scripts/\(name)").path
}

extension ProgramResult {
    func expectSuccess(sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(status == 0, "\(text)\(errors)", sourceLocation: sourceLocation)
    }
}
