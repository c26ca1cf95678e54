internal import DurableFiles
internal import Foundation
internal import Webhooks

/// Packs a folder by the system's `tar`, so that equal folders are equal bytes.
enum ExportTar {
    /// Packs `folder`, which stands in `work`, into a file there.
    ///
    /// Names are sorted; owner, permissions and times are the same for all. (GNU tar's manual, "Reproducibility".)
    static func pack(_ folder: String, in work: Folder, as name: String, modified: Timestamp) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "tar", "--create", "--file=-", "--format=gnu", "--sort=name", "--owner=0", "--group=0", "--numeric-owner",
            "--mode=u=rwX,go=rX", "--mtime=@\(modified.milliseconds.floored(by: 1000))", "--directory=\(work.path)",
            "--", folder,
        ]
        // TAR_OPTIONS would change what is packed, and TAPE where to.
        process.environment = ProcessInfo.processInfo.environment
            .filter { !["TAR_OPTIONS", "TAPE"].contains($0.key) }.merging(["LC_ALL": "C"]) { $1 }
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        try process.run()
        var file = try work.newFile(name)
        do {
            while let piece = try output.fileHandleForReading.read(upToCount: 1 << 18), !piece.isEmpty {
                try file.write(Array(piece))
            }
        } catch {
            process.terminate()
            throw error
        }
        let said = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        // env(1): 127 where there is no such program.
        if process.terminationStatus == 127 { throw ExportError.noTar }
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            throw ExportError.tarFailed(String(decoding: said, as: UTF8.self).trimmingCharacters(in: .newlines))
        }
        try file.finish()
    }
}
