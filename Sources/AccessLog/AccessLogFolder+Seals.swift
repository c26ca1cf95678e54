package import Archive
internal import DurableFiles
internal import Webhooks

extension AccessLogFolder {
    private static let sealSuffix = ".sha256"
    private static func seal(_ day: CivilDate) -> String { "\(day)\(sealSuffix)" }

    /// The sealed days, ascending.
    func sealedDays() throws -> [CivilDate] {
        try folder.names(.file).filter { $0.hasSuffix(Self.sealSuffix) }.compactMap {
            CivilDate($0.dropLast(Self.sealSuffix.count))
        }.sorted()
    }

    /// Seals the days that have entries and no seal yet. The caller holds the lock.
    func sealDays(before end: CivilDate) throws {
        var last = try sealedDays().last
        for day in try days() where day < end && last ?? CivilDate(daysSinceEpoch: .min) < day {
            var names = [Self.grantsFile(day), Self.file(day)]
            if let last { names.append(Self.seal(last)) }
            var text: [UInt8] = []
            for name in names {
                guard let hash = try hash(of: name) else { continue }
                text += Array(ChecksumLine(hash: hash, path: name).text.utf8)
            }
            try folder.replace(Self.seal(day), with: text)
            last = day
        }
    }

    /// Returns the hash of a file, or `nil` if there is no such file.
    private func hash(of name: String) throws -> ContentHash? {
        guard let file = try folder.file(name) else { return nil }
        var hash = RunningHash()
        try file.forEachPiece { hash.add($0) }
        return hash.value
    }

    /// Returns what is wrong with the seals and the files that they close.
    package func findings() throws -> [Finding] {
        var found: [Finding] = []
        func find(_ name: String, _ what: String) {
            found.append(
                .init(
                    path: "\(Self.folderName)/\(name)", what: what,
                    remedy: "run `daybook repair`, with --from and a copy of the archive"))
        }
        var previous: CivilDate?
        var closed: Set<String> = []
        for day in try sealedDays() {
            let name = Self.seal(day)
            guard let lines = ChecksumLine.parse(try folder.contents(of: name) ?? []) else {
                find(name, "it is not a list of hashes")
                previous = day
                continue
            }
            for line in lines where try hash(of: line.path) != line.hash {
                find(line.path, "it is missing, or does not have the SHA-256 in \(name)")
            }
            if let previous, !lines.contains(where: { $0.path == Self.seal(previous) }) {
                find(name, "it does not name the seal before it, \(Self.seal(previous))")
            } else if previous == nil, let stray = lines.first(where: { $0.path.hasSuffix(Self.sealSuffix) }) {
                find(stray.path, "\(name) names it as the seal before it, and it is missing")
            }
            closed.formUnion(lines.map(\.path))
            previous = day
        }
        for day in try days() where previous.map({ day <= $0 }) ?? false {
            for name in [Self.grantsFile(day), Self.file(day)] where !closed.contains(name) {
                if try folder.status(of: name) != nil { find(name, "no seal lists it, and later days are sealed") }
            }
        }
        return found
    }
}
