import TestSupport

/// What has to hold of each disk that a power cut leaves of a journey: see ``Promises``.
///
/// Before the programs run, no file has a final name unless it was complete when it got that name.
extension PowerLossJourney {
    /// What does not hold: a sentence each.
    func failures(after cut: PowerCut) throws -> [String] {
        try failures(of: history.disk(after: cut), at: cut.moment)
    }

    func failures(of disk: Disk, at moment: Int) throws -> [String] {
        let folder = try TemporaryDirectory(inMemory: true)
        try disk.make(in: folder)
        return failuresBefore(disk, at: moment) + (try promises(at: moment).broken(in: folder))
    }

    /// What was promised up to a moment: a 200 from when it began to leave, the rest from when a program ended.
    func promises(at moment: Int) -> Promises {
        Promises(
            acknowledged: acknowledged.filter { (history.answers[$0.id] ?? .max) <= moment },
            lines: owed.filter { $0.moment <= moment }.map(\.line),
            seals: stages.last { $0.span.upperBound <= moment }?.seals ?? [:], options: options)
    }

    /// Of the disk as it is, which costs no program.
    func failuresBefore(_ disk: Disk, at moment: Int) -> [String] {
        let files = disk.contents()
        var failures = files.filter { Self.isFinal($0.key) && !(history.versions[$0.key]?.contains($0.value) ?? false) }
            .map { "\($0.key) has \($0.value.count) bytes, which it never had" }
        failures += files.keys.filter { path in
            path.contains("/quarantine/") && path.hasSuffix(".json") && !path.hasSuffix(".headers.json")
                && files["\(path.dropLast(".json".count)).reason"] == nil
        }.map { "\($0) has no reason" }
        // Nothing leaves `new/` before a sweep.
        let swept = stages.first { $0.title != Self.receiver }?.span.lowerBound ?? .max
        guard moment < swept else { return failures }
        for (id, delivery) in promises(at: moment).acknowledged {
            let entry = "spool/\(delivery.environment)/new/\(id)"
            if files["\(entry).json"] != delivery.body {
                failures.append("\(entry).json was acknowledged, and is not there")
            }
            guard let (name, value) = delivery.headers.first else { continue }
            if files["\(entry).headers.json"] != Array(#"{"\#(name.lowercased())":"\#(value)"}"#.utf8) {
                failures.append("\(entry).headers.json was acknowledged, and is not there")
            }
        }
        return failures
    }

    /// Final names that were given in a folder whose own name was not durable yet: they would have been lost with it,
    /// and with them what a rename(2) took from elsewhere.
    func namesInFoldersWithoutOne() -> [String] {
        var durable: [Int: Int] = [:]
        return history.changes.compactMap { change in
            switch change.kind {
            case .add(_, _, let node, true): durable[node] = change.durable
            case .add(_, let folder, _, false), .rename(_, _, let folder, _):
                let isEarly = durable[folder].map { $0 > change.began } ?? false
                return isEarly && Self.isFinal(change.path) ? change.title : nil
            default: break
            }
            return nil
        }
    }

    /// Whether whoever finds a file under this name takes it to be whole.
    private static func isFinal(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        if path.hasPrefix("spool/") {
            return path.contains("/new/") || path.contains("/quarantine/") && !name.hasPrefix(".")
                || path == "spool/_daybook.json"
        }
        return path.wholeMatch(
            of: /archive\/(_daybook\.json|_sweeps\/_daybook\.json|_sweeps\/[0-9]+\.ndjson\.gz|environment=.*\.gz)/)
            != nil
            || path.wholeMatch(of: /archive\/environment=[a-z]+\/_seals\/[^.\/][^\/]*/) != nil
    }
}
