internal import ArgumentParser
internal import AuditorPage

/// The scheme and authority, and nothing after them.
struct PageOrigin: ExpressibleByArgument {
    let text: String

    init?(argument: String) {
        guard PageConfiguration.isOrigin(argument) else { return nil }
        text = argument
    }
}
