internal import ArgumentParser
internal import Batch
internal import Configuring
internal import Foundation
internal import Webhooks

/// Who decides, and why.
struct DeciderOptions: ParsableArguments {
    @Option(help: "Why. The record keeps it for ever.")
    var reason: String

    @Option(help: "The person who decides, as the record keeps it. (default: the user's name)")
    var by: String?

    func validate() throws {
        if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason is empty; give the reason in words") }
    }

    var decider: Decider { Decider(name: by ?? NSUserName(), reason: reason, at: .now) }
}
