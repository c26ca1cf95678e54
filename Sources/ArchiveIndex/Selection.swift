package import Archive
internal import GRDB
package import Webhooks

/// The archives that a command covers. A `nil`, or no business, does not narrow it.
package struct Selection: Sendable {
    package var environment: Environment?
    package var businesses: [Business]
    package var from: CivilDate?
    package var to: CivilDate?

    package init(
        environment: Environment? = nil, businesses: [Business] = [], from: CivilDate? = nil, to: CivilDate? = nil
    ) {
        self.environment = environment
        self.businesses = businesses
        self.from = from
        self.to = to
    }

    /// - Parameter business: The only business, or `nil` for all.
    package init(
        environment: Environment? = nil, business: Business?, from: CivilDate? = nil, to: CivilDate? = nil
    ) {
        self.init(environment: environment, businesses: business.map { [$0] } ?? [], from: from, to: to)
    }

    /// The selection as an SQL condition on the columns that archives and ledgers share.
    var condition: (sql: String, arguments: StatementArguments) {
        var terms = ["1"]
        var arguments: [(any DatabaseValueConvertible)?] = []
        if let environment {
            terms.append("environment = ?")
            arguments.append(environment.rawValue)
        }
        switch businesses.count {
        case 0: break
        case 1:
            terms.append("business IS ?")
            arguments.append(businesses[0].name)
        default:
            let unassigned = businesses.contains(.unassigned) ? " OR business IS NULL" : ""
            terms.append("(business IN (SELECT value FROM json_each(?))\(unassigned))")
            arguments.append(JSONText.array(of: businesses.compactMap(\.name)))
        }
        if let from {
            terms.append("day >= ?")
            arguments.append(from.description)
        }
        if let to {
            terms.append("day <= ?")
            arguments.append(to.description)
        }
        return (terms.joined(separator: " AND "), StatementArguments(arguments))
    }
}
