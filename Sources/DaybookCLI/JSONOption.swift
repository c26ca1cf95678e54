internal import ArgumentParser

struct JSONOption: ParsableArguments {
    @Flag(help: "Print JSON on stdout.")
    var json = false
}
