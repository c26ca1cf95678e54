import DurableFiles
import Foundation
import TestSupport
import Testing

@Suite struct FolderLockTests {
    let directory: TemporaryDirectory
    let folder: Folder

    init() throws {
        directory = try TemporaryDirectory()
        folder = try Folder(directory.path)
    }

    @Test func theErrorNamesTheCurrentHolder() throws {
        try folder.withLock(named: "lock", purpose: "a sweep") {
            let held = #expect(throws: FolderLock.Held.self) {
                _ = try FolderLock(try Folder(directory.path), name: "lock", purpose: "another")
            }
            #expect(held?.holder.hasPrefix("a sweep, process \(getpid()) on ") == true)
            #expect(held?.description.hasPrefix("\(directory("lock")) is held by a sweep, process ") == true)
        }
    }

    @Test func aReleasedLockCanBeTakenAgain() throws {
        for _ in 0..<3 { _ = try FolderLock(folder, name: "lock", purpose: "a sweep") }
        #expect(try folder.names() == ["lock"])
    }

    @Test func aLockOfAnotherProcessIsReleasedWhenItEnds() throws {
        let script = """
            exec 9<>"$1"; flock 9; echo 'a person, with flock(1)' >&9; echo ready; exec sleep 600
            """
        let holder = try RunningProgram("bash", ["-c", script, "bash", directory("lock")])
        try waitUntil { try holder.output == "ready\n" }
        let held = #expect(throws: FolderLock.Held.self) {
            _ = try FolderLock(folder, name: "lock", purpose: "a sweep")
        }
        #expect(held?.holder == "a person, with flock(1)")
        holder.send(SIGKILL)
        _ = try holder.end()
        _ = try FolderLock(folder, name: "lock", purpose: "a sweep")
    }

    @Test func aLockIsReleasedIfTheBodyThrows() throws {
        struct Failure: Error {}
        #expect(throws: Failure.self) {
            try folder.withLock(named: "lock", purpose: "a sweep") { throw Failure() }
        }
        #expect(try folder.withLock(named: "lock", purpose: "a sweep") { 7 } == 7)
    }

    @Test func aLinkAsTheLockFileIsNotFollowed() throws {
        try FileManager.default.createSymbolicLink(atPath: directory("lock"), withDestinationPath: "/etc/hostname")
        let error = #expect(throws: FileError.self) { _ = try FolderLock(folder, name: "lock", purpose: "a sweep") }
        #expect(error?.code == ELOOP)
    }
}
