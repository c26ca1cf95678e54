internal import ArgumentParser

struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "The whole of it on this machine: receive, retry, sweep, look.")
}
