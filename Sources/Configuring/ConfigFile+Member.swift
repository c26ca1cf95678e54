extension ConfigFile {
    /// The value of a member, as a text or a list of texts.
    enum Member: Decodable {
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
                guard setting.isList else {
                    throw Failure(.configuration, "\(path): \"\(setting)\" takes a single value")
                }
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
}
