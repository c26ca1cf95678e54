internal import ArgumentParser
internal import Webhooks

/// What payloads must have.
struct ConditionOption: ParsableArguments {
    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            #"What the payload must have, such as '/data/amount > 1000 and /data/currency = "NGN"'."#,
            valueName: "condition"))
    var text: String?

    func validate() throws { _ = try condition() }

    func condition() throws -> PayloadCondition? {
        guard let text else { return nil }
        do {
            return try PayloadCondition(text)
        } catch {
            throw ValidationError("--where: \(error)")
        }
    }
}
