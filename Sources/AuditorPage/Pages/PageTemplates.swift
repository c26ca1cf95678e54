internal import Mustache

/// The pages' templates, and how text is put into them.
///
/// Each names what it needs of the values beside it, by the names of their properties. `{{x}}` is escaped; `{{{x}}}` is
/// only ever HTML of our own: of a page within the layout, or of ``Chart``.
struct PageTemplates: Sendable {
    enum Name: String, CaseIterable {
        case layout, signIn, businesses, business, day, event, check, search, searchHit, searchEnd, message
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

/// Text within HTML, in an element or a quoted attribute.
///
/// Scalar by scalar: to Swift a quote and an accent after it are one character, which is no quote, and so would stay as it
/// is in swift-mustache's own. A browser sees the quote.
struct EscapedHTML: MustacheContentType {
    static let name = "DAYBOOK"

    func escapeText(_ text: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": escaped.append(contentsOf: "&lt;".unicodeScalars)
            case ">": escaped.append(contentsOf: "&gt;".unicodeScalars)
            case "&": escaped.append(contentsOf: "&amp;".unicodeScalars)
            case "\"": escaped.append(contentsOf: "&quot;".unicodeScalars)
            case "'": escaped.append(contentsOf: "&#39;".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }
}
