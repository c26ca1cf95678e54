internal import Foundation

/// The configuration file: one JSON object whose members are named like the flags.
///
///     {"spool": "/var/spool/daybook", "max-body": "2MiB", "secret": ["production:…", "sandbox:…"]}
struct ConfigFile {
    /// The values as text, however they are written. The reader of a setting parses numbers and truth values. A
    /// setting that is not a list has exactly one value.
    let values: [Setting: [String]]

    init(_ path: String) throws(Failure) {
        let bytes = Data(try readWhole(path))
        let members: [String: Member]
        do {
            members = try JSONDecoder().decode([String: Member].self, from: bytes)
        } catch {
            throw Failure(.configuration, "\(path): \(Self.cause(of: error, in: bytes))")
        }
        var values: [Setting: [String]] = [:]
        for (name, member) in members.sorted(by: { $0.key < $1.key }) {
            guard let setting = Setting(rawValue: name) else {
                let names = Setting.allCases.map(\.rawValue).sorted()
                let remedy =
                    nearest(to: name, among: names).map { "did you mean \"\($0)\"?" }
                    ?? "the settings are \(names.joined(separator: ", "))"
                throw Failure(.configuration, "\(path): \"\(name)\" is not a setting; \(remedy)")
            }
            values[setting] = try member.texts(for: setting, in: path)
        }
        self.values = values
    }

    private static func cause(of error: any Error, in bytes: Data) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        switch error {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context):
            let member = context.codingPath.first.map { "\"\($0.stringValue)\"" }
            return member.map { "\($0) is neither text, number, true, false, nor a list of these" }
                ?? "it is not a JSON object"
        default: return "it is not valid JSON\(place(in: bytes).map { " (\($0))" } ?? "")"
        }
    }

    /// Returns where the file stops being JSON. JSONDecoder does not report that, but JSONSerialization does.
    private static func place(in bytes: Data) -> String? {
        do {
            _ = try JSONSerialization.jsonObject(with: bytes)
            return nil
        } catch {
            return (error as NSError).userInfo["NSDebugDescription"] as? String
        }
    }
}
