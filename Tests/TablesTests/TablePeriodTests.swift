import Tables
import Testing
import Webhooks

@Suite struct TablePeriodTests {
    @Test(arguments: [
        (
            Environment.production, "2026-11-23", TableGranularity.month, "production-2026-11.parquet", "2026-11-01",
            "2026-11-30"
        ),
        (.sandbox, "2024-02-29", .month, "sandbox-2024-02.parquet", "2024-02-01", "2024-02-29"),
        (.production, "9999-12-31", .month, "production-9999-12.parquet", "9999-12-01", "9999-12-31"),
        (.sandbox, "2026-11-23", .day, "sandbox-2026-11-23.parquet", "2026-11-23", "2026-11-23"),
    ])
    func aPeriodHasAFile(
        _ environment: Environment, _ day: String, _ granularity: TableGranularity, _ file: String, _ first: String,
        _ last: String
    ) throws {
        let period = TablePeriod(environment, around: try #require(CivilDate(day)), granularity)
        #expect(period.fileName == file)
        #expect(period.days.lowerBound.description == first && period.days.upperBound.description == last)
        #expect(TablePeriod(fileName: file) == period)
    }

    /// Such files are of someone else, and are never removed.
    @Test(arguments: [
        "", "production-2026-13.parquet", "production-2026-11-31.parquet", "production-2026-1.parquet",
        "production-.parquet",
        "production-2026-11.parquet.tmp", "Production-2026-11.parquet", "staging-2026-11.parquet", "events.parquet",
        "production-2026-11-23T.parquet", "_tables.json",
    ])
    func anotherFileHasNone(_ file: String) {
        #expect(TablePeriod(fileName: file) == nil)
    }
}
