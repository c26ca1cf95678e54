/// The span of days whose events are in one table.
package enum TableGranularity: String, CaseIterable, Codable, Sendable {
    case day, month
}
