internal import Foundation
internal import Glibc

/// The configuration file: one JSON object, its members named as the flags are.
///
///     {"spool": "/var/spool/daybook", "max-body": "2MiB", "secret": ["production:…", "sandbox:…"]}
struct ConfigFile {
    /// As text, however it was written: numbers and truth values are read where they are wanted.
    enum Value: Equatable {
        case one(String)
        case list([String])
    }

    let values: [Setting: Value]

    init(_ path: String) throws(Failure) {
        let bytes = Data(try readWhole(path))
        let members: [String: Member]
        do {
            members = try JSONDecoder().decode([String: Member].self, from: bytes)
        } catch {
            throw Failure(.configuration, "\(path): \(Self.cause(of: error, in: bytes))")
        }
        var values: [Setting: Value] = [:]
        for (name, member) in members.sorted(by: { $0.key < $1.key }) {
            guard let setting = Setting(rawValue: name) else {
                let known = Setting.allCases.map(\.rawValue).sorted().joined(separator: ", ")
                throw Failure(.configuration, "\(path): there is no setting \"\(name)\"; there are \(known)")
            }
            values[setting] = try member.value(for: setting, in: path)
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
        default: return "it is not JSON\(place(in: bytes).map { " (\($0))" } ?? "")"
        }
    }

    /// The decoder does not tell where it stopped; this one does.
    private static func place(in bytes: Data) -> String? {
        do {
            _ = try JSONSerialization.jsonObject(with: bytes)
            return nil
        } catch {
            return (error as NSError).userInfo["NSDebugDescription"] as? String
        }
    }
}

/// A member's value, before it is known what it should be.
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

    func value(for setting: Setting, in path: String) throws(Failure) -> ConfigFile.Value {
        switch self {
        case .text(let text): return setting.isList ? .list([text]) : .one(text)
        case .list(let members):
            guard setting.isList else { throw Failure(.configuration, "\(path): \"\(setting)\" takes one value only") }
            var texts: [String] = []
            for member in members {
                guard case .text(let text) = member else {
                    throw Failure(.configuration, "\(path): \"\(setting)\" holds a list within a list")
                }
                texts.append(text)
            }
            return .list(texts)
        }
    }
}

/// The secrets in a file, one a line, so that none shows in a list of processes. Empty lines are none, nor is the
/// white space around one.
///
/// - Throws: ``Failure`` with 78 where the file cannot be read, or holds no secret.
package func readSecrets(_ path: String) throws(Failure) -> [String] {
    let text = String(decoding: try readWhole(path), as: UTF8.self)
    let secrets = text.split(whereSeparator: \.isNewline)
        .map { $0.trimmingPrefix(while: \.isWhitespace) }
        .map { String($0.reversed().trimmingPrefix(while: \.isWhitespace).reversed()) }
        .filter { !$0.isEmpty }
    guard !secrets.isEmpty else { throw Failure(.configuration, "\(path) holds no secret; write one a line") }
    return secrets
}

/// All bytes of a file. Links are followed, and pipes are read too: secrets are often handed over so.
private func readWhole(_ path: String) throws(Failure) -> [UInt8] {
    func failure() -> Failure { Failure(.configuration, "cannot read \(path): \(String(cString: strerror(errno)))") }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure() }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count == 0 { return bytes }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw failure() }
        bytes += buffer[..<count]
    }
}
