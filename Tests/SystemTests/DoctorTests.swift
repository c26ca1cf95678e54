import Foundation
import TestSupport
import Testing

/// `daybook doctor` names what is wrong, and changes nothing.
@Suite struct DoctorTests {
    private struct Report: Decodable {
        struct Problem: Decodable { let severity, what, remedy: String }
        let findings: [Problem]
        let pending, sampled, redelivered: Int
    }

    private func examine(_ bench: Workbench, status: Int32) throws -> Report {
        let result = try bench.daybook("doctor", "--json")
        #expect(result.status == status, "\(result.errors)")
        return try JSONDecoder().decode(Report.self, from: Data(result.output))
    }

    /// A swept archive of two businesses, whose events are of today and not sealed yet.
    private func swept() throws -> Workbench {
        let bench = try Workbench()
        for business in ["acme", "kora", "acme"] {
            try bench.receive(#"{"event":"RECORD_CREATED","data":{"business_id":"\#(business)"}}"#)
        }
        try bench.sweep()
        return bench
    }

    @Test func nothingIsWrong() throws {
        let bench = try swept()
        // SQLite notes its readers in the -shm file.
        let before = try Tree(bench.folder, "archive") { $0.hasSuffix("-shm") }
        let report = try examine(bench, status: 0)
        #expect(report.findings.allSatisfy { $0.severity == "odd" } && report.sampled == 2 && report.redelivered == 1)
        #expect(try Tree(bench.folder, "archive") { $0.hasSuffix("-shm") }.differences(from: before) == [])
    }

    @Test(arguments: [
        ("rm archive/*/business=acme/*/*.gz", "1 file is missing or too short; the first: "),
        ("for f in archive/*/business=*/*/*.gz; do truncate -s 20 $f; done", "2 files are missing or too short"),
        ("printf X | dd of=$(echo archive/*/business=acme/*/*.gz) bs=1 seek=60 conv=notrunc", "is not as recorded"),
        ("echo garbage > archive/_index.sqlite", "is damaged"),
        (
            "for f in archive/_daybook.json archive/_sweeps/_daybook.json; do echo '{' > $f; done",
            "_daybook.json cannot be read"
        ),
        ("rm archive/_index.sqlite*", "_index.sqlite is missing"),
        ("mkdir -p spool/production/new/folder", ""),
    ])
    func damageIsNamed(_ harm: String, _ finding: String) throws {
        let bench = try swept()
        #expect(try bench.sh(harm).status == 0)
        let report = try examine(bench, status: finding.isEmpty ? 0 : 65)
        let found = report.findings.first { finding.isEmpty ? $0.what.contains("folder") : $0.what.contains(finding) }
        #expect(found?.severity == (finding.isEmpty ? "odd" : "wrong"), "\(report.findings)")
        #expect(found?.remedy.isEmpty == false)
    }
}
