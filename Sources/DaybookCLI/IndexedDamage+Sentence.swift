internal import ArchiveIndex
internal import Configuring

extension IndexedDamage {
    /// A sentence about all damage in the index, of which this is the first.
    func sentence(of all: [IndexedDamage]) -> String {
        "\(Display.count(Set(all.map(\.path)).count, "file is", plural: "files are")) damaged, such as \(path): \(cause); "
            + "run `daybook repair`, with --from and a copy of the archive"
    }
}
