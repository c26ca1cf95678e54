package import Webhooks

/// The names of a seal's files, relative to the environment's folder.
package enum SealPath {
    package static let folder = "_seals"

    private static func suffix(_ revision: Int) -> String { revision == 1 ? "" : ".r\(revision)" }

    /// `_seals/<day>[.rN].sha256`
    package static func seal(_ day: CivilDate, _ revision: Int) -> String {
        "\(folder)/\(day)\(suffix(revision)).sha256"
    }

    /// `_seals/<day>[.rN].json`
    package static func statement(_ day: CivilDate, _ revision: Int) -> String {
        "\(folder)/\(day)\(suffix(revision)).json"
    }

    /// `_seals/<day>[.rN].leaves.tar.gz`
    package static func leaves(_ day: CivilDate, _ revision: Int) -> String {
        "\(folder)/\(day)\(suffix(revision)).leaves.tar.gz"
    }

    /// `_seals/<day>/<name>[.rN].sha256`: a leaf's name in the file of leaves, and in the seal.
    package static func leaf(on day: CivilDate, name: String, revision: Int) -> String {
        "\(folder)/\(day)/\(name)\(suffix(revision)).sha256"
    }

    /// Returns the day and revision in the path of a seal, or `nil` for any other path.
    package static func parse(seal path: String) -> (day: CivilDate, revision: Int)? {
        guard let stem = stem(of: path), let day = CivilDate(stem.prefix(10)),
            let revision = revision(stem.dropFirst(10)), path == seal(day, revision)
        else { return nil }
        return (day, revision)
    }

    /// Returns the day, name and revision in the path of a leaf, or `nil` for any other path.
    package static func parse(leaf path: String) -> (day: CivilDate, name: String, revision: Int)? {
        guard let stem = stem(of: path), let day = CivilDate(stem.prefix(10)), stem.dropFirst(10).first == "/" else {
            return nil
        }
        let name = stem.dropFirst(11).prefix { $0 != "." }
        guard Hex.decode(name.utf8)?.count == leafNameCount / 2,
            let revision = revision(stem[name.endIndex...]),
            path == leaf(on: day, name: String(name), revision: revision)
        else { return nil }
        return (day, String(name), revision)
    }

    /// The number of hex digits in a leaf's name.
    static let leafNameCount = 32

    private static func stem(of path: String) -> Substring? {
        guard path.hasPrefix("\(folder)/"), path.hasSuffix(".sha256") else { return nil }
        return path.dropFirst(folder.count + 1).dropLast(7)
    }

    private static func revision(_ suffix: Substring) -> Int? {
        if suffix.isEmpty { return 1 }
        guard suffix.hasPrefix(".r"), let revision = Int(suffix.dropFirst(2)), revision > 1 else { return nil }
        return revision
    }
}
