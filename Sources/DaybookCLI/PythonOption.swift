internal import ArgumentParser
internal import Configuring
internal import Tables

/// Where the Python is that writes tables.
struct PythonOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The Python that writes tables, which needs the package pyarrow. (default: python3)", valueName: "path"))
    var python: String?

    func program(_ settings: Settings) throws -> PythonProgram {
        PythonProgram(try settings.value(.python, flag: python, default: "python3"))
    }

    /// Returns the Python that someone has chosen, or `nil`.
    func chosen(_ settings: Settings) throws -> PythonProgram? {
        try settings.value(.python, flag: python).map { PythonProgram($0) }
    }
}
