package import ArgumentParser
internal import FoundationEssentials

/// The settings of a program: flags take precedence over the environment, the environment over the file, and the file over
/// defaults.
///
/// A flag's value is passed in by the command, which has parsed it already; an invalid flag ends with 64. An invalid value in
/// the environment or the file ends with 78, and the message names the place.
///
///     let settings = try Settings(file: options.config)
///     let spool = try settings.value(.spool, flag: options.spool, default: "spool")
package struct Settings: Sendable {
    private let environment: [String: String]
    private let file: (path: String, values: [Setting: [String]])?

    /// Variables that begin with `DAYBOOK_` but are not settings: the path of the file, and what the test suite reads.
    private static let otherVariables: Set = ["DAYBOOK_CONFIG", "DAYBOOK_LONG", "DAYBOOK_SEED", "DAYBOOK_FUZZER"]

    /// - Parameters:
    ///   - file: The path given by `--config`, or `nil` to use the one in `DAYBOOK_CONFIG`, if any.
    ///   - environment: Variable names to values. An empty value counts as unset.
    /// - Throws: ``Failure`` with 78 if a variable that begins with `DAYBOOK_` is not a setting; if the file cannot be read, is
    ///   not a JSON object of known settings, or has a value that is not text, a number, true, false, or a list of these.
    package init(
        file: String?, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(Failure) {
        let variables = environment.filter { $0.key.hasPrefix("DAYBOOK_") && !$0.value.isEmpty }
        let known = Set(Setting.allCases.map(\.variable))
        for name in variables.keys.sorted() where !known.contains(name) && !Self.otherVariables.contains(name) {
            let remedy =
                nearest(to: name, among: known).map { "did you mean \($0)?" } ?? "unset it, or correct its name"
            throw Failure(.configuration, "\(name) in the environment is not a setting; \(remedy)")
        }
        self.environment = variables
        self.file = try (file ?? variables["DAYBOOK_CONFIG"]).map { path throws(Failure) in
            (path, try ConfigFile(path).values)
        }
    }

    /// Returns the value of a setting, or `nil` if it is not set.
    package func value<Value: ExpressibleByArgument>(_ setting: Setting, flag: Value?) throws(Failure) -> Value? {
        if let flag { return flag }
        guard let text = environment[setting.variable] ?? file?.values[setting]?.first else { return nil }
        return try read(text, for: setting)
    }

    /// Returns the value of a setting, or the default.
    package func value<Value: ExpressibleByArgument>(
        _ setting: Setting, flag: Value?, default standard: Value
    ) throws(Failure) -> Value {
        try value(setting, flag: flag) ?? standard
    }

    /// Returns all values of a setting, in order, from the one place that takes precedence.
    package func values<Value: ExpressibleByArgument>(_ setting: Setting, flag: [Value]) throws(Failure) -> [Value] {
        if !flag.isEmpty { return flag }
        let list = environment[setting.variable]?.split(separator: ",").map { String($0.trimmingSpaces) }
        var values: [Value] = []
        for text in list ?? file?.values[setting] ?? [] { values.append(try read(text, for: setting)) }
        return values
    }

    private func read<Value: ExpressibleByArgument>(_ text: String, for setting: Setting) throws(Failure) -> Value {
        if let value = Value(argument: text) { return value }
        let place = environment[setting.variable] != nil ? setting.variable : "\"\(setting)\" in \(file?.path ?? "")"
        let known = Value.allValueStrings
        let wanted = known.isEmpty ? Self.form(of: Value.self) : "one of \(known.joined(separator: ", "))"
        let shown = setting.isSecret ? "the value" : "\"\(text)\""
        throw Failure(.configuration, "\(place): \(shown) is not \(wanted)")
    }

    private static func form(of type: Any.Type) -> String {
        switch type {
        case is Int.Type: "a whole number"
        case is Bool.Type: "true or false"
        case is ByteSize.Type: ByteSize.form
        case is TimeSpan.Type: TimeSpan.form
        default: "of the form that --help shows"
        }
    }
}

extension StringProtocol {
    /// The text without white space at either end.
    var trimmingSpaces: SubSequence {
        let start = firstIndex { !$0.isWhitespace } ?? endIndex
        let end = lastIndex { !$0.isWhitespace }.map { index(after: $0) } ?? start
        return self[start..<end]
    }
}
