internal import ArgumentParser
internal import Configuring

struct SpoolOptions: ParsableArguments {
    @Option(help: "The spool folder. (default: spool)")
    var spool: String?

    func path(_ settings: Settings) throws -> String { try settings.value(.spool, flag: spool, default: "spool") }
}
