package import Webhooks

/// The names of a seal's files, relative to the environment's folder.
package enum SealPath {
    package static let folder = "_seals"

    private static func suffix(_ revision: Int) -> String { revision == 1 ? "" : ".r\(revision)" }

    package static func seal(_ day: CivilDate, _ revision: Int) -> String {
        "\(folder)/\(day)\(suffix(revision)).sha256"
    }

    package static func statement(_ day: CivilDate, _ revision: Int) -> String {
        "\(folder)/\(day)\(suffix(revision)).json"
    }

    package static func leaf(on day: CivilDate, name: String, revision: Int) -> String {
        "\(folder)/\(day)/\(name)\(suffix(revision)).sha256"
    }

    package static func leafStatement(on day: CivilDate, name: String, revision: Int) -> String {
        "\(folder)/\(day)/\(name)\(suffix(revision)).json"
    }

    /// Returns the day and revision in the path of a seal, or `nil` for any other path.
    package static func parse(seal path: String) -> (day: CivilDate, revision: Int)? {
        guard path.hasPrefix("\(folder)/"), path.hasSuffix(".sha256") else { return nil }
        let middle = path.dropFirst(folder.count + 1).dropLast(7)
        guard let day = CivilDate(middle.prefix(10)) else { return nil }
        let rest = middle.dropFirst(10)
        if rest.isEmpty { return (day, 1) }
        guard rest.hasPrefix(".r"), let revision = Int(rest.dropFirst(2)), revision > 1,
            path == seal(day, revision)
        else { return nil }
        return (day, revision)
    }
}
