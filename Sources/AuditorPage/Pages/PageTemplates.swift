internal import Mustache

/// The page's templates, and how values are put into them.
///
/// A template names the properties of the value that it shows. `{{x}}` is escaped; `{{{x}}}` is only used for HTML of
/// this program: a page within the layout, or a ``Chart``.
struct PageTemplates: Sendable {
    enum Name: String, CaseIterable {
        case layout, signIn, businesses, business, day, event, goneEvent, check, search, searchHit, searchEnd, message
    }

    private let templates: [Name: MustacheTemplate]

    init() throws {
        MustacheContentTypes.register(EscapedHTML(), named: EscapedHTML.name)
        var templates: [Name: MustacheTemplate] = [:]
        for name in Name.allCases {
            let text = String(decoding: Self.source(name), as: UTF8.self)
            templates[name] = try MustacheTemplate(string: "{{% CONTENT_TYPE:\(EscapedHTML.name)}}\n" + text)
        }
        self.templates = templates
    }

    func render(_ name: Name, _ values: Any) -> String { templates[name]?.render(values) ?? "" }

    private static func source(_ name: Name) -> [UInt8] {
        switch name {
        case .layout: PackageResources.layout_mustache
        case .signIn: PackageResources.sign_in_mustache
        case .businesses: PackageResources.businesses_mustache
        case .business: PackageResources.business_mustache
        case .day: PackageResources.day_mustache
        case .event: PackageResources.event_mustache
        case .goneEvent: PackageResources.gone_event_mustache
        case .check: PackageResources.check_mustache
        case .search: PackageResources.search_mustache
        case .searchHit: PackageResources.search_hit_mustache
        case .searchEnd: PackageResources.search_end_mustache
        case .message: PackageResources.message_mustache
        }
    }

    static let style = PackageResources.style_css
    static let icon = PackageResources.icon_svg
}
