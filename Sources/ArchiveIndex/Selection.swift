package import Archive
internal import GRDB
package import Webhooks

/// The archives that a command covers. A `nil` does not narrow it.
package struct Selection: Sendable {
    package var environment: Environment?
    package var business: Business?
    package var from: CivilDate?
    package var to: CivilDate?

    package init(
        environment: Environment? = nil, business: Business? = nil, from: CivilDate? = nil, to: CivilDate? = nil
    ) {
        self.environment = environment
        self.business = business
        self.from = from
        self.to = to
    }

    /// The selection as an SQL condition on the columns that archives and ledgers share.
    var condition: (sql: String, arguments: StatementArguments) {
        var terms = ["1"]
        var arguments: [(any DatabaseValueConvertible)?] = []
        if let environment {
            terms.append("environment = ?")
            arguments.append(environment.rawValue)
        }
        if let business {
            terms.append("business IS ?")
            arguments.append(business.name)
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
