internal import AccessLog
internal import Archive
internal import ArchiveIndex
internal import Configuring
internal import Webhooks

/// The businesses that an auditor may see.
struct BusinessesPage {
    let scope: String
    let rows: [Row]
    let hasRows: Bool
    let hasPages: Bool
    let earlier: String?
    let later: String?

    struct Row {
        let name, path, environment, first, last, events, size, bars: String
    }

    private static let rowsAPage = 50
    private static let daysOfBars = 90

    static func page(
        _ snapshot: ScopedSnapshot, scope: Scope, page: Int, today: CivilDate, templates: PageTemplates
    ) throws -> Page {
        let found = try snapshot.businesses(limit: rowsAPage + 1, offset: (page - 1) * rowsAPage)
        let rows = try found.prefix(rowsAPage).map { try row($0, in: snapshot, today: today) }
        let values = BusinessesPage(
            scope: words(scope), rows: rows, hasRows: !rows.isEmpty, hasPages: page > 1 || found.count > rowsAPage,
            earlier: page > 1 ? "/?page=\(page - 1)" : nil,
            later: found.count > rowsAPage ? "/?page=\(page + 1)" : nil)
        return Page(title: "Businesses", main: templates.render(.businesses, values))
    }

    private static func row(
        _ span: IndexSnapshot.BusinessSpan, in snapshot: ScopedSnapshot, today: CivilDate
    ) throws -> Row {
        let place = Route.Place(span.environment, span.business)
        let start = today.daysSinceEpoch - daysOfBars + 1
        var counts = [Int](repeating: 0, count: daysOfBars)
        for listed in try snapshot.days(place, from: CivilDate(daysSinceEpoch: start), to: today) {
            counts[listed.file.day.daysSinceEpoch - start] = listed.file.state.lines
        }
        let total = counts.reduce(0, +)
        return Row(
            name: PageFormat.name(span.business), path: Route.business(place).path, environment: "\(span.environment)",
            first: "\(span.firstDay)", last: "\(span.lastDay)", events: Display.number(span.events),
            size: Display.size(span.gzipBytes),
            bars: Chart.bars(counts, label: "\(Display.count(total, "event")) in the last 90 days"))
    }

    /// What the auditor may see, in a sentence.
    private static func words(_ scope: Scope) -> String {
        let when: String =
            switch (scope.from, scope.to) {
            case (nil, nil): "all days"
            case (let from?, nil): "days from \(PageFormat.date(from)) on"
            case (nil, let to?): "days up to \(PageFormat.date(to))"
            case (let from?, let to?): "days from \(PageFormat.date(from)) to \(PageFormat.date(to))"
            }
        let environments = scope.environments.map(\.rawValue).joined(separator: " and ")
        return "You may see \(environments), \(when)."
    }
}
