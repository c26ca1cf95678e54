package import Archive
package import Webhooks

/// The businesses, environments, and days that an auditor may see.
package struct Scope: Codable, Equatable, Sendable {
    /// The businesses, or `nil` for all, including future ones.
    package var businesses: [Business]?
    package var environments: [Environment]
    /// The first day, or `nil` for no limit.
    package var from: CivilDate?
    /// The last day, or `nil` for no limit.
    package var to: CivilDate?

    package init(businesses: [Business]?, environments: [Environment], from: CivilDate?, to: CivilDate?) {
        self.businesses = businesses
        self.environments = environments
        self.from = from
        self.to = to
    }

    package func covers(_ environment: Environment) -> Bool { environments.contains(environment) }

    /// - Parameter segment: The business as its paths spell it.
    package func covers(segment: String) -> Bool {
        // All are compared, so that the time it takes does not show which one matched.
        businesses?.reduce(false) { $0 || $1.segment == segment } ?? true
    }

    package func covers(_ day: CivilDate) -> Bool { from ?? day <= day && day <= to ?? day }
}
