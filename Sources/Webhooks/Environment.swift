/// Which of the provider's two environments a delivery came from: told by the URL alone, never by the body.
///
/// The first partition key of everything; the two are never mixed.
package enum Environment: String, CaseIterable, Codable, Comparable, Sendable, CustomStringConvertible {
    case production
    case sandbox

    package var description: String { rawValue }

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
