internal import ArgumentParser
internal import Batch
internal import Configuring
internal import Webhooks

/// The options that say how payloads are read.
struct RuleOptions: ParsableArguments {
    @Option(
        help: """
            A JSON pointer to the business, optionally for one event type only (NEW_BUSINESS:/data/id). May be repeated; the \
            first that finds a value wins. (default: those of Lehjah; see the page Configuration)
            """)
    var businessPointer: [BusinessRule] = []

    @Option(help: "The request header with the sender's id of the event.")
    var idHeader: String?

    @Option(help: "A JSON pointer to the sender's id of the event.")
    var idPointer: JSONPointer?

    @Option(help: "A JSON pointer to a member that a retry may change. May be repeated.")
    var ignorePointer: [JSONPointer] = []

    @Option(help: "The longest time between an event and its redelivery, in either direction; 0 is off. (default: 7d)")
    var redeliveryWindow: TimeSpan?

    func apply(to configuration: inout Sweep.Configuration, _ settings: Settings) throws {
        let business = try settings.values(.businessPointer, flag: businessPointer)
        configuration.rules = PayloadRules(
            business: business.isEmpty ? BusinessRule.defaults : business,
            senderID: try settings.value(.idPointer, flag: idPointer),
            ignoring: try settings.values(.ignorePointer, flag: ignorePointer))
        configuration.idHeader = try settings.value(.idHeader, flag: idHeader)?.lowercased()
        if let window = try settings.value(.redeliveryWindow, flag: redeliveryWindow) {
            configuration.redeliveryWindow = Int64(window.milliseconds)
        }
    }
}
