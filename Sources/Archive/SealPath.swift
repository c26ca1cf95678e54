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
        PathParser.parse(path) { it in
            guard it.skip("_seals/"), let day = it.day(), let revision = revision(&it) else { return nil }
            return (day, revision)
        }
    }

    /// Returns the day, name and revision in the path of a leaf, or `nil` for any other path.
    package static func parse(leaf path: String) -> (day: CivilDate, name: String, revision: Int)? {
        PathParser.parse(path) { it in
            guard it.skip("_seals/"), let day = it.day(), it.skip("/"), let name = it.hex(leafNameCount),
                let revision = revision(&it)
            else { return nil }
            return (day, name, revision)
        }
    }

    /// The number of hex digits in a leaf's name.
    static let leafNameCount = 32

    /// Skips the end of a seal's or leaf's path, and returns the revision in it, or `nil` if it is another end.
    private static func revision(_ path: inout PathParser) -> Int? {
        var revision = 1
        if path.skip(".r") {
            guard let number = path.number(), number > 1 else { return nil }
            revision = number
        }
        return path.skip(".sha256") ? revision : nil
    }
}
