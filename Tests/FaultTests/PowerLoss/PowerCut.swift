import TestSupport

/// The power fails, and this is what the disk holds when it comes back.
///
/// The model takes for granted, and no more than that:
///
/// - *fsync(2) and fdatasync(2) of a file* make its data and its size durable, as far as they were written when the call
///   began; not its name. (fsync(2): "Calling fsync() does not necessarily ensure that the entry in the directory
///   containing the file has also reached disk.")
/// - *fsync(2) of a folder* makes durable the names then in it, and that others are gone; not the data of its files, and
///   not its own name in its parent.
/// - *syncfs(2) and sync(2)* make durable all that was done before they began. (sync(2): on Linux they wait for it.)
/// - *A name is whole*: after the cut it means what it meant at some time since it was last durable. What happened to one
///   name is not reordered. A rename(2) within a folder is never half done, also not where it takes another's place.
/// - *A rename(2) into another folder* never loses both names. It may leave both: ext4, XFS and btrfs make it one
///   transaction of their journal or log. (That a fsync(2) of the new folder commits both halves, as a journal has it,
///   is not taken for granted. ext2, and ext4 without a journal, could lose both, until fsck(8) finds the file again.)
/// - *A sync that is under way* promises nothing; nor does one that began before the change had returned.
///
/// Whatever was not synced may have lasted or not, each change by itself: of two renames in different folders the later
/// alone, a name without its data, data without their name. Of data the sizes may have lasted without them, and then
/// zeros are read; of a write(2) any pages of 4 KiB or sectors of 512 bytes may have lasted, at its old place or beyond
/// the old end. That is weaker than what ext4 with its defaults keeps, which writes data before the names that need them,
/// and names in their order; and as weak as the model of ALICE (Pillai and others: All File Systems Are Not Created
/// Equal, OSDI 2014), but for the two rules on renames.
///
/// Left out: a disk that lies about syncs; sectors that become unreadable, or others than were written; bytes other than
/// zeros where nothing was written (XFS and ext4 show none); permissions and times; and memory that is shared by mmap(2),
/// which SQLite recreates after a crash.
struct PowerCut: Sendable, CustomStringConvertible {
    /// Of the history. What began before it and had not returned may have lasted, too.
    let moment: Int
    let way: Way
    let seed: UInt64

    /// What of all that was not synced has lasted.
    enum Way: String, CaseIterable, Sendable {
        case nothing
        /// Without their data, whose sizes may have lasted.
        case names
        /// Without names.
        case data
        /// And with the one whatever needs it.
        case oneIsLost = "all but one"
        case oneLasts = "one"
        /// Up to some change, and that one in part.
        case whatCameFirst = "what came first"
        /// Each by itself, and in part.
        case chance
    }

    var description: String { "power cut at \(moment), what lasts: \(way.rawValue), seed \(seed)" }
}

extension DiskHistory {
    /// The disk after a power cut; of a history that is settled.
    func disk(after cut: PowerCut) -> Disk { remains(after: cut).disk }

    /// For people: what no sync had covered, with what became of it.
    func account(of cut: PowerCut) -> String {
        let lasting = remains(after: cut).lasting
        return changes.indices.filter { changes[$0].began <= cut.moment && changes[$0].durable > cut.moment }
            .map { "\(lasting.contains($0) ? "+" : "-") \(changes[$0].title)" }.joined(separator: "\n")
    }

    private func remains(after cut: PowerCut) -> (disk: Disk, lasting: Set<Int>) {
        var generator = SeededGenerator(seed: cut.seed)
        let begun = changes.indices.filter { changes[$0].began <= cut.moment }
        let open = begun.filter { changes[$0].durable > cut.moment }
        let chosen = Survival(of: open, in: changes, way: cut.way, &generator)
        var disk = start
        var isThere = Set<Int>()
        for place in begun {
            let change = changes[place]
            let isOpen = change.durable > cut.moment
            guard !isOpen || chosen.lasts(place), change.needs.allSatisfy(isThere.contains) else { continue }
            isThere.insert(place)
            if isOpen, case .write(let file, let offset, let bytes) = change.kind {
                chosen.write(place, bytes, to: file, at: offset, on: &disk, &generator)
            } else {
                disk.apply(change.kind)
            }
        }
        return (disk, isThere)
    }
}

/// Which of the changes that no sync has covered last all the same.
private struct Survival {
    private enum Fate: CaseIterable {
        case whole, size, pages, sectors
    }

    /// How the data of those that last have lasted.
    private var fates: [Int: Fate] = [:]

    init(of open: [Int], in changes: [DiskChange], way: PowerCut.Way, _ generator: inout SeededGenerator) {
        func isName(_ place: Int) -> Bool { changes[place].file == nil }
        switch way {
        case .nothing: break
        case .names:
            let leftSizes = Bool.random(using: &generator)
            for place in open where isName(place) || leftSizes { fates[place] = isName(place) ? .whole : .size }
        case .data: for place in open where !isName(place) { fates[place] = .whole }
        case .oneIsLost:
            let lost = open.randomElement(using: &generator)
            for place in open where place != lost { fates[place] = .whole }
        case .oneLasts: if let place = open.randomElement(using: &generator) { fates[place] = .whole }
        case .whatCameFirst:
            let first = open.prefix(Int.random(in: 0...open.count, using: &generator))
            for place in first { fates[place] = .whole }
            if let last = first.last { fates[last] = Fate.allCases.randomElement(using: &generator) }
        case .chance:
            // Of a file and its neighbours much the same lasts: so a coin for each, and one for each of their changes.
            let (names, data) = (Self.odds(&generator), Self.odds(&generator))
            var files: [Int: Double] = [:]
            for place in open {
                let file = changes[place].file
                let odds = file.map { files[$0, default: (data + Self.odds(&generator)) / 2] } ?? names
                if let file { files[file] = odds }
                guard Double.random(in: 0..<1, using: &generator) < odds else { continue }
                fates[place] = Bool.random(using: &generator) ? .whole : Fate.allCases.randomElement(using: &generator)
            }
        }
    }

    private static func odds(_ generator: inout SeededGenerator) -> Double {
        [0, 0.1, 0.5, 0.9, 1].randomElement(using: &generator) ?? 0
    }

    func lasts(_ place: Int) -> Bool { fates[place] != nil }

    /// Writes what has lasted of a write(2).
    func write(
        _ place: Int, _ bytes: [UInt8], to file: Int, at offset: Int, on disk: inout Disk,
        _ generator: inout SeededGenerator
    ) {
        let unit: Int
        switch fates[place] {
        case nil: return
        case .whole: return disk.apply(.write(file: file, offset: offset, bytes: bytes))
        case .size: return disk.extend(file, to: offset + bytes.count)
        case .pages: unit = 4096
        case .sectors: unit = 512
        }
        if Bool.random(using: &generator) { disk.extend(file, to: offset + bytes.count) }
        var start = offset
        while start < offset + bytes.count {
            let end = min((start / unit + 1) * unit, offset + bytes.count)
            if Bool.random(using: &generator) {
                disk.apply(.write(file: file, offset: start, bytes: Array(bytes[start - offset..<end - offset])))
            }
            start = end
        }
    }
}
