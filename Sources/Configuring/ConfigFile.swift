internal import Foundation

/// The configuration file: one JSON object whose members are named like the flags.
///
///     {"spool": "/var/spool/daybook", "max-body": "2MiB", "secret": ["production:…", "sandbox:…"]}
struct ConfigFile {
    /// The values as text, however they are written. Numbers and truth values are parsed by whoever needs them. A setting that
    /// is not a list has exactly one.
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

/// The value of a member, as text or a list of texts.
private enum Member: Decodable {
    case text(String)
    case list([Member])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let truth = try? container.decode(Bool.self) {
            self = .text("\(truth)")
        } else if let number = try? container.decode(Int.self) {
            self = .text("\(number)")
        } else if let number = try? container.decode(Double.self) {
            self = .text("\(number)")
        } else {
            self = .list(try container.decode([Member].self))
        }
    }

    func texts(for setting: Setting, in path: String) throws(Failure) -> [String] {
        switch self {
        case .text(let text): return [text]
        case .list(let members):
            guard setting.isList else { throw Failure(.configuration, "\(path): \"\(setting)\" takes a single value") }
            var texts: [String] = []
            for member in members {
                guard case .text(let text) = member else {
                    throw Failure(.configuration, "\(path): \"\(setting)\" contains a list within a list")
                }
                texts.append(text)
            }
            return texts
        }
    }
}
