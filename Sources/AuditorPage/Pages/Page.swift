internal import Archive
internal import ArchiveIndex
internal import Configuring
internal import Webhooks

/// A page before it is put into the layout.
struct Page {
    var title: String
    /// What it is within, the outermost first.
    var trail: [Crumb] = []
    /// HTML of a template.
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

/// The layout around a page.
struct Layout {
    let title: String
    let auditor: String?
    /// For the form that signs out; nil for who came with a token.
    let proof: String?
    let hasTrail: Bool
    let trail: [Page.Crumb]
    let here: String
    let main: String

    init(_ page: Page, auditor: String?, proof: String?) {
        title = page.title
        self.auditor = auditor.map(VisibleText.line)
        self.proof = proof
        hasTrail = !page.trail.isEmpty
        trail = page.trail
        here = page.title
        main = page.main
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

    /// Of a file that is handed out: business and day, in characters that every system takes.
    func fileName(_ day: CivilDate, _ suffix: String) -> String {
        "\(segment.map { $0 == "%" ? "+" : String($0) }.joined())_\(environment)_\(day)\(suffix)"
    }
}
