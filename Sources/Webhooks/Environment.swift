/// The provider's environment that a delivery came from. The URL determines it, never the body.
///
/// It is the first partition key of all data. The two environments are never mixed.
package enum Environment: String, CaseIterable, Codable, Comparable, Sendable, CustomStringConvertible {
    case production
    case sandbox

    package var description: String { rawValue }

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
