internal import Archive
internal import Webhooks

/// The meaning of a path. Paths are compared by their bytes, without decoding: a business is spelled as in the
/// archive's paths, but with `+` for `%`, so that no program on the way decodes it.
///
///     /                                       the businesses
///     /sign-in  /sign-out  /style.css  /icon.svg
///     /search?q=…&in=<environment>/<business>&from=…&to=…
///     /b/<environment>/<business>             a business              ?year=2026
///     /b/<environment>/<business>/export.tar  an export bundle        ?from=…&to=…
///     /b/<environment>/<business>/<day>       a day                   ?page=2
///     /b/<environment>/<business>/<day>/check                         how to check it
///     /b/<environment>/<business>/<day>/<file>                        see ``DayFile``
///     /b/<environment>/<business>/<day>/events/<id>                   an event
///     /b/<environment>/<business>/<day>/events/<id>/payload           its payload, as it was received
enum Route: Equatable {
    case businesses
    case signIn, signOut
    case style, icon
    case search
    case business(Place)
    case export(Place)
    case day(Place, CivilDate)
    case check(Place, CivilDate)
    case file(Place, CivilDate, DayFile)
    case event(Place, CivilDate, DeliveryID)
    case payload(Place, CivilDate, DeliveryID)

    /// A business in an environment, as a path names it. It is well formed, but may not exist.
    struct Place: Hashable {
        let environment: Environment
        /// The business as the archive's paths spell it.
        let segment: String

        init(_ environment: Environment, segment: String) {
            self.environment = environment
            self.segment = segment
        }

        init(_ environment: Environment, _ business: Business) {
            self.init(environment, segment: business.segment)
        }

        /// Returns `nil` if the text cannot be a business's part of a path.
        init?(_ environment: some StringProtocol, _ part: some StringProtocol) {
            guard let environment = Environment(rawValue: String(environment)), (1...200).contains(part.utf8.count),
                part.utf8.allSatisfy(Self.isAllowed), part.utf8.first != UInt8(ascii: ".")
            else { return nil }
            self.init(environment, segment: part.map { $0 == "+" ? "%" : String($0) }.joined())
        }

        private static func isAllowed(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "~"), UInt8(ascii: "+"): true
            default: false
            }
        }

        var path: String { "/b/\(environment)/\(segment.map { $0 == "%" ? "+" : String($0) }.joined())" }
    }

    /// Returns `nil` for a path that cannot exist.
    init?(path: String) {
        guard path.utf8.first == UInt8(ascii: "/"), path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        switch parts.count {
        case 1:
            switch parts[0] {
            case "": self = .businesses
            case "sign-in": self = .signIn
            case "sign-out": self = .signOut
            case "style.css": self = .style
            case "icon.svg": self = .icon
            case "search": self = .search
            default: return nil
            }
        case 3...7:
            guard parts[0] == "b", let place = Place(parts[1], parts[2]) else { return nil }
            self.init(place, parts.dropFirst(3))
        default: return nil
        }
    }

    private init?(_ place: Place, _ rest: ArraySlice<Substring>) {
        var rest = rest
        guard let first = rest.popFirst() else {
            self = .business(place)
            return
        }
        if first == "export.tar", rest.isEmpty {
            self = .export(place)
            return
        }
        guard let day = CivilDate(first) else { return nil }
        switch (rest.popFirst(), rest.popFirst(), rest.popFirst()) {
        case (nil, _, _): self = .day(place, day)
        case ("check", nil, _): self = .check(place, day)
        case (let name?, nil, _):
            guard let file = DayFile(rawValue: String(name)) else { return nil }
            self = .file(place, day, file)
        case ("events", let id?, let last):
            guard let id = DeliveryID(id), last == nil || last == "payload", rest.isEmpty else { return nil }
            self = last == nil ? .event(place, day, id) : .payload(place, day, id)
        default: return nil
        }
    }

    /// The path of this route.
    var path: String {
        switch self {
        case .businesses: "/"
        case .signIn: "/sign-in"
        case .signOut: "/sign-out"
        case .style: "/style.css"
        case .icon: "/icon.svg"
        case .search: "/search"
        case .business(let place): place.path
        case .export(let place): "\(place.path)/export.tar"
        case .day(let place, let day): "\(place.path)/\(day)"
        case .check(let place, let day): "\(place.path)/\(day)/check"
        case .file(let place, let day, let file): "\(place.path)/\(day)/\(file.rawValue)"
        case .event(let place, let day, let id): "\(place.path)/\(day)/events/\(id)"
        case .payload(let place, let day, let id): "\(place.path)/\(day)/events/\(id)/payload"
        }
    }
}
