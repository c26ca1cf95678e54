import Foundation
import Glibc
import TestSupport
import Webhooks

/// Files and folders by number, as a filesystem keeps them: apart from their names, which are in folders.
struct Disk: Sendable {
    struct File: Sendable {
        var bytes: [UInt8] = []
        /// When it was last changed; `nil` if that differs from run to run.
        var modified: timespec?
    }

    /// The folder that all others are found from.
    static let root = 0

    /// By folder and name, what the name means.
    private(set) var folders: [Int: [String: Int]] = [root: [:]]
    private(set) var files: [Int: File] = [:]

    /// The file or folder at a path from the root on; nil where there is none.
    func find(_ path: Substring) -> Int? {
        var found: Int? = Self.root
        for part in path.split(separator: "/") { found = found.flatMap { folders[$0]?[String(part)] } }
        return found
    }

    mutating func apply(_ change: DiskChange.Kind) {
        switch change {
        case .add(let name, let folder, let node, let isFolder):
            if isFolder {
                if folders[node] == nil { folders[node] = [:] }
            } else if files[node] == nil {
                files[node] = File()
            }
            folders[folder, default: [:]][name] = node
        case .remove(let name, let folder): folders[folder]?[name] = nil
        case .rename(let old, let new, let folder, let node):
            folders[folder]?[old] = nil
            folders[folder]?[new] = node
        case .write(let file, let offset, let bytes):
            extend(file, to: offset + bytes.count)
            files[file]?.bytes.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        case .setSize(let file, let size):
            extend(file, to: size)
            files[file]?.bytes.removeSubrange(size...)
        }
    }

    /// Has a file be so long at least: with zeros, where nothing was written.
    mutating func extend(_ file: Int, to size: Int) {
        let missing = size - (files[file]?.bytes.count ?? 0)
        if missing > 0 { files[file, default: File()].bytes += [UInt8](repeating: 0, count: missing) }
    }

    /// The number of each file by its path, of all that have one from the root on.
    func paths() -> [String: Int] {
        var found: [String: Int] = [:]
        func walk(_ folder: Int, _ path: String) {
            for (name, node) in folders[folder] ?? [:] {
                let path = path.isEmpty ? name : "\(path)/\(name)"
                if folders[node] != nil { walk(node, path) } else { found[path] = node }
            }
        }
        walk(Self.root, "")
        return found
    }

    /// The bytes of each file by its path.
    func contents() -> [String: [UInt8]] { paths().mapValues { files[$0]?.bytes ?? [] } }

    /// Equal of two disks that look the same to a program. (But for times, which only files from before a journey have.)
    var digest: ContentHash {
        var text: [UInt8] = []
        func walk(_ folder: Int, _ path: String) {
            for (name, node) in (folders[folder] ?? [:]).sorted(by: { $0.key < $1.key }) {
                text += Array("\(path)/\(name)\0".utf8)
                if folders[node] != nil {
                    walk(node, "\(path)/\(name)")
                } else {
                    let bytes = files[node]?.bytes ?? []
                    text += Array("\(bytes.count)\0".utf8) + bytes
                }
            }
        }
        walk(Self.root, "")
        return ContentHash(of: text)
    }
}

// MARK: Between a disk in memory and one that programs can work on

extension Disk {
    /// The contents of a folder.
    init(of folder: TemporaryDirectory) throws {
        self.init()
        var last = Self.root
        func read(_ path: String, _ number: Int) throws {
            for name in try FileManager.default.contentsOfDirectory(atPath: folder(path)).sorted() {
                let below = path.isEmpty ? name : "\(path)/\(name)"
                var status = stat()
                guard lstat(folder(below), &status) == 0 else { throw SceneError(what: "\(below) cannot be looked at") }
                last += 1
                let isFolder = status.st_mode & S_IFMT == S_IFDIR
                apply(.add(name: name, folder: number, node: last, isFolder: isFolder))
                if isFolder {
                    try read(below, last)
                } else {
                    files[last] = File(bytes: try folder.read(below), modified: status.st_mtim)
                }
            }
        }
        try read("", Self.root)
    }

    /// Makes its files and folders in a folder that is empty: a file of several names as one.
    func make(in folder: TemporaryDirectory) throws {
        var made: [Int: String] = [:]
        func make(_ number: Int, _ path: String) throws {
            for (name, node) in folders[number] ?? [:] {
                let below = path.isEmpty ? name : "\(path)/\(name)"
                if folders[node] != nil {
                    guard mkdir(folder(below), 0o750) == 0 else { throw SceneError(what: "\(below) cannot be made") }
                    try make(node, below)
                    continue
                }
                // rename(2) does nothing between two names of one file.
                if let other = made.updateValue(folder(below), forKey: node) {
                    guard link(other, folder(below)) == 0 else { throw SceneError(what: "\(below) cannot be linked") }
                    continue
                }
                let file = files[node] ?? File()
                try Data(file.bytes).write(to: URL(filePath: folder(below)))
                if let time = file.modified { utimensat(AT_FDCWD, folder(below), [time, time], 0) }
            }
        }
        try make(Self.root, "")
    }
}
