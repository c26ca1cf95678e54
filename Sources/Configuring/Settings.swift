package import ArgumentParser
internal import Configuration
internal import FoundationEssentials

/// What the operator set: flags over environment over file over defaults.
///
/// A flag's value comes in from the program's own arguments, already read; what is wrong there ends with 64. What is
/// wrong in the environment or the file ends with 78, and the sentence says where it stands.
///
///     let settings = try Settings(file: options.config)
///     let spool = try settings.value(.spool, flag: options.spool, default: "spool")
package struct Settings: Sendable {
    private let reader: ConfigReader
    private let environment: [String: String]
    private let file: String?

    /// - Parameters:
    ///   - file: the path given by `--config`; where none is, `DAYBOOK_CONFIG` is asked.
    ///   - environment: variable names to values. An empty value counts as none.
    /// - Throws: ``Failure`` with 78 where the file cannot be read, is no JSON object of known settings, or has a value
    ///   of another form than text, number, truth value, or (for lists) an array of these.
    package init(
        file: String?, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(Failure) {
        self.environment = environment.filter { $0.key.hasPrefix("DAYBOOK_") && !$0.value.isEmpty }
        self.file = file ?? self.environment["DAYBOOK_CONFIG"]
        let contents = try self.file.map { path throws(Failure) in try ConfigFile(path) }
        reader = ConfigReader(providers: [
            EnvironmentVariablesProvider(
                environmentVariables: self.environment, secretsSpecifier: .specific([Setting.secret.variable])),
            InMemoryProvider(
                name: self.file,
                values: Dictionary(
                    uniqueKeysWithValues: (contents?.values ?? [:]).map { setting, value in
                        (AbsoluteConfigKey(setting.key), ConfigValue(value.content, isSecret: setting.isSecret))
                    })),
        ])
    }

    /// What is set; nil where nothing is.
    package func value<Value: ExpressibleByArgument>(_ setting: Setting, flag: Value?) throws(Failure) -> Value? {
        if let flag { return flag }
        guard let text = reader.string(forKey: setting.key, isSecret: setting.isSecret) else { return nil }
        return try read(text, for: setting)
    }

    /// What is set, or the default.
    package func value<Value: ExpressibleByArgument>(
        _ setting: Setting, flag: Value?, default standard: Value
    ) throws(Failure) -> Value {
        try value(setting, flag: flag) ?? standard
    }

    /// All that is set, in order. The strongest place that names the setting gives all of its values.
    package func values<Value: ExpressibleByArgument>(_ setting: Setting, flag: [Value]) throws(Failure) -> [Value] {
        if !flag.isEmpty { return flag }
        var values: [Value] = []
        for text in reader.stringArray(forKey: setting.key, isSecret: setting.isSecret) ?? [] {
            values.append(try read(text, for: setting))
        }
        return values
    }

    private func read<Value: ExpressibleByArgument>(_ text: String, for setting: Setting) throws(Failure) -> Value {
        if let value = Value(argument: text) { return value }
        let place = environment[setting.variable] != nil ? setting.variable : "\"\(setting)\" in \(file ?? "")"
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

extension Setting {
    fileprivate var key: ConfigKey { ConfigKey(["daybook", rawValue]) }
}

extension ConfigFile.Value {
    fileprivate var content: ConfigContent {
        switch self {
        case .one(let text): .string(text)
        case .list(let texts): .stringArray(texts)
        }
    }
}
