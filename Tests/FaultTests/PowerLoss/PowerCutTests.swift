import TestSupport
import Testing

/// The model's own rules, on traces of a few lines.
@Suite struct PowerCutTests {
    /// All disks that a cut may leave after some system calls: what each file holds, by its path.
    private func disks(_ calls: (String) -> [String]) throws -> Set<[String: String]> {
        let folder = try TemporaryDirectory(inMemory: true)
        try folder.write(Array("old".utf8), to: "a/old")
        try folder.write([], to: "b/other")
        var history = try DiskHistory(of: folder)
        try history.record(calls(folder.path).map { "1 \($0)\n" }.joined())
        let settled = history.settled()
        var generator = SeededGenerator(seed: 1)
        let found = PowerCut.Way.allCases.flatMap { way in
            (0..<200).map { _ in
                let cut = PowerCut(moment: settled.now, way: way, seed: generator.next())
                return settled.disk(after: cut).contents().mapValues { String(decoding: $0, as: UTF8.self) }
            }
        }
        return Set(found)
    }

    private func write(_ root: String, _ name: String) -> [String] {
        [
            "openat(AT_FDCWD<\(root)>, \"\(root)/\(name)\", O_WRONLY|O_CREAT, 0640) = 5<\(root)/\(name)>",
            "write(5<\(root)/\(name)>, \"new\", 3) = 3",
        ]
    }

    @Test func nothingIsSynced() throws {
        let found = try disks { write($0, "a/new") }
        let rest = ["a/old": "old", "b/other": ""]
        #expect(found == [rest, rest + ["a/new": ""], rest + ["a/new": "\0\0\0"], rest + ["a/new": "new"]])
    }

    @Test func aSyncedFileMayLoseItsName() throws {
        let found = try disks { write($0, "a/new") + ["fsync(5<\($0)/a/new>) = 0"] }
        let rest = ["a/old": "old", "b/other": ""]
        #expect(found == [rest, rest + ["a/new": "new"]])
    }

    @Test func aSyncedNameMayLoseItsContents() throws {
        let found = try disks { write($0, "a/new") + ["fsync(6<\($0)/a>) = 0"] }
        let rest = ["a/old": "old", "b/other": ""]
        #expect(found == [rest + ["a/new": ""], rest + ["a/new": "\0\0\0"], rest + ["a/new": "new"]])
    }

    @Test(arguments: ["syncfs(6<ROOT/b>) = 0", "sync() = 0"]) func everythingSyncedSurvives(_ sync: String) throws {
        let found = try disks { write($0, "a/new") + [sync.replacing("ROOT", with: $0)] }
        #expect(found == [["a/old": "old", "a/new": "new", "b/other": ""]])
    }

    @Test(arguments: ["fsync(5<ROOT/a/new>) = -1 EIO (Input/output error)", "fsync(5<ROOT/a/new>) = ?"])
    func aFailedSyncDoesNotCount(_ sync: String) throws {
        let found = try disks { write($0, "a/new") + [sync.replacing("ROOT", with: $0)] }
        #expect(found.contains { $0["a/new"] == "" })
    }

    @Test func aRenameWithinAFolderIsAtomic() throws {
        let found = try disks { ["renameat(6<\($0)/b>, \"other\", 6<\($0)/b>, \"another\") = 0"] }
        #expect(found == [["a/old": "old", "b/other": ""], ["a/old": "old", "b/another": ""]])
    }

    @Test func aRenameAcrossFoldersLeavesAtLeastOneName() throws {
        let (before, both, after) = (
            ["a/old": "old", "b/other": ""], ["a/old": "old", "b/old": "old", "b/other": ""],
            ["b/old": "old", "b/other": ""]
        )
        func rename(_ root: String) -> String { "renameat(6<\(root)/a>, \"old\", 7<\(root)/b>, \"old\") = 0" }
        #expect(try disks { [rename($0)] } == [before, both, after])
        #expect(try disks { [rename($0), "fsync(7<\($0)/b>) = 0"] } == [both, after])
        #expect(try disks { [rename($0), "fsync(6<\($0)/a>) = 0"] } == [after])
    }

    @Test func anUnsyncedFolderLosesItsFiles() throws {
        let found = try disks { root in
            ["mkdirat(6<\(root)/b>, \"c\", 0750) = 0", "renameat(6<\(root)/a>, \"old\", 7<\(root)/b/c>, \"old\") = 0"]
        }
        #expect(found.contains(["b/other": ""]))
    }

    /// A sync promises nothing of what had not returned when it began.
    @Test func aSyncDoesNotCoverLaterWrites() throws {
        let folder = try TemporaryDirectory(inMemory: true)
        var history = try DiskHistory(of: folder)
        let root = folder.path
        try history.record(
            """
            1 mkdir("\(root)/x", 0750 <unfinished ...>
            2 syncfs(3<\(root)> <unfinished ...>
            1 <... mkdir resumed>) = 0
            2 <... syncfs resumed>) = 0

            """)
        let settled = history.settled()
        #expect(settled.changes.map(\.durable) == [.max])
    }

    @Test func anUnknownCallIsRejected() throws {
        let folder = try TemporaryDirectory(inMemory: true)
        var history = try DiskHistory(of: folder)
        #expect(throws: SceneError.self) { try history.record("1 fallocate(3<\(folder.path)/x>, 0, 0, 9) = 0\n") }
    }
}

private func + (some: [String: String], others: [String: String]) -> [String: String] {
    some.merging(others) { $1 }
}
