internal import ArchiveIndex

/// The lines of one file that become tombstones.
struct ErasurePlan {
    let file: IndexedFile
    /// The numbers of the lines, from 0.
    var lines: Set<Int> = []

    /// Collects lines in any order.
    struct Builder {
        private var byPath: [String: ErasurePlan] = [:]

        mutating func add(_ line: Int, of file: IndexedFile) {
            byPath[file.path, default: ErasurePlan(file: file)].lines.insert(line)
        }

        /// The plans in the order of the paths, compared by bytes.
        var plans: [ErasurePlan] {
            byPath.values.sorted { $0.file.path.utf8.lexicographicallyPrecedes($1.file.path.utf8) }
        }
    }
}
