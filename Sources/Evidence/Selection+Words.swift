internal import Archive
internal import ArchiveIndex
internal import Configuring
internal import Webhooks

extension Selection {
    /// The selection as a phrase that follows "of".
    var words: String {
        let whom: String =
            switch businesses.first {
            case nil: "all businesses"
            case .unassigned: "what no payload gave a business for"
            case .named(let name): "the business \(VisibleText.quoted(name))"
            }
        let place = environment.map { "environment \($0)" } ?? "both environments"
        let when: String =
            switch (from, to) {
            case (nil, nil): "all days"
            case (let from?, nil): "the days from \(from) on"
            case (nil, let to?): "the days up to \(to)"
            case (let from?, let to?): from == to ? "the day \(from)" : "the days \(from) to \(to)"
            }
        return "\(whom), \(place), \(when)"
    }
}
