internal import Archive
internal import ArchiveIndex
internal import Configuring
internal import Webhooks

/// The days of a business: a year as a calendar, and the figures of its months.
struct BusinessPage {
    let name, environment, events, days, first, last, size: String
    let year: String
    let years: [Year]
    /// Whether there are years other than the one that is shown.
    let isChoice: Bool
    let chart: String
    let months: [Month]
    let exportPath, firstDay, lastDay: String

    struct Year {
        let year, path: String
        let isShown: Bool
    }

    struct Month {
        let name, events, days, size: String
        let isOpen: Bool
        let list: [Day]
    }

    struct Day {
        let name, path, download, events, size: String
        let isSealed: Bool
    }

    /// - Parameter year: The year to show, or `nil` for the last with events.
    /// - Returns: The page, or `nil` if there is no such business.
    static func page(
        _ snapshot: ScopedSnapshot, of place: Route.Place, year asked: Int?, templates: PageTemplates
    ) throws -> Page? {
        let listed = try snapshot.days(place)
        guard let first = listed.first?.file, let last = listed.last?.file else { return nil }
        let year = asked ?? last.day.fields.year
        let ofYear = listed.filter { $0.file.day.fields.year == year }
        let years = Set(listed.map(\.file.day.fields.year)).sorted()
        let counts = Dictionary(uniqueKeysWithValues: ofYear.map { ($0.file.day, $0.file.state.lines) })
        let values = BusinessPage(
            name: PageFormat.name(first.business), environment: "\(place.environment)",
            events: Display.count(listed.reduce(0) { $0 + $1.file.state.lines }, "event"),
            days: Display.count(listed.count, "day"), first: PageFormat.date(first.day),
            last: PageFormat.date(last.day),
            size: Display.size(listed.reduce(0) { $0 + $1.file.state.gzipBytes }), year: "\(year)",
            years: years.map { Year(year: "\($0)", path: "\(place.path)?year=\($0)", isShown: $0 == year) },
            isChoice: years != [year],
            chart: Chart.year(year, counts) { Route.day(place, $0).path }, months: months(ofYear, place),
            exportPath: Route.export(place).path, firstDay: "\(first.day)", lastDay: "\(last.day)")
        return Page(
            title: PageFormat.name(first.business), trail: [.businesses], main: templates.render(.business, values))
    }

    /// The months, the latest first and expanded.
    private static func months(_ listed: [IndexSnapshot.ListedArchive], _ place: Route.Place) -> [Month] {
        let byMonth = Dictionary(grouping: listed) { $0.file.day.fields.month }.sorted { $0.key > $1.key }
        return byMonth.enumerated().map { index, month in
            let files = month.value.map(\.file)
            return Month(
                name: "\(PageFormat.months[month.key - 1]) \(files[0].day.fields.year)",
                events: Display.count(files.reduce(0) { $0 + $1.state.lines }, "event"),
                days: Display.count(files.count, "day"),
                size: Display.size(files.reduce(0) { $0 + $1.state.gzipBytes }),
                isOpen: index == 0, list: month.value.reversed().map { day($0, place) })
        }
    }

    private static func day(_ listed: IndexSnapshot.ListedArchive, _ place: Route.Place) -> Day {
        let file = listed.file
        return Day(
            name: PageFormat.dayOfMonth(file.day), path: Route.day(place, file.day).path,
            download: Route.file(place, file.day, .archive).path, events: Display.number(file.state.lines),
            size: Display.size(file.state.gzipBytes), isSealed: listed.isSealed)
    }
}
