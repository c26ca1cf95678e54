internal import Archive
internal import ArchiveIndex
internal import Configuring
internal import Webhooks

/// A page before it is put into the layout.
struct Page {
    var title: String
    /// The pages that contain this one, the outermost first.
    var trail: [Crumb] = []
    /// The HTML of the page's template.
    var main: String
    var status = 200

    struct Crumb {
        let name: String
        let path: String
    }

    static func message(_ templates: PageTemplates, title: String, text: String, status: Int) -> Page {
        struct Values { let title, text: String }
        return Page(
            title: title, main: templates.render(.message, Values(title: title, text: text)), status: status)
    }
}

extension Page.Crumb {
    static let businesses = Page.Crumb(name: "Businesses", path: Route.businesses.path)

    static func business(_ file: IndexedFile, _ place: Route.Place) -> Page.Crumb {
        Page.Crumb(name: PageFormat.name(file.business), path: Route.business(place).path)
    }

    static func day(_ place: Route.Place, _ day: CivilDate) -> Page.Crumb {
        Page.Crumb(name: "\(day)", path: Route.day(place, day).path)
    }
}

extension Route.Place {
    init(_ file: IndexedFile) { self.init(file.environment, file.business) }

    /// Returns the name of a file to download: business and day, in characters that every system accepts.
    func fileName(_ day: CivilDate, _ suffix: String) -> String {
        "\(segment.map { $0 == "%" ? "+" : String($0) }.joined())_\(environment)_\(day)\(suffix)"
    }
}
