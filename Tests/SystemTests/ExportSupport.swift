import Foundation
import TestSupport
import Testing

/// An archive that has what an export can meet, and the means to check what is exported from it.
struct ExportBench {
    let bench: Workbench

    static let hostile = #"../_x" 50% $(id) \é"#
    static let long = String(repeating: "Société Générale ", count: 9)
    /// Whose name and whose payloads must not show in another's export.
    static let other = "zephyr-and-sons"
    static let secret = "only-zephyr-knows"

    static let signed = Result { try ExportBench(isSigned: true) }
    static let unsigned = Result { try ExportBench(isSigned: false) }

    /// Three days that are over, in two sweeps. The second brings late data for the first two, which are sealed again.
    private init(isSigned: Bool) throws {
        bench = try Workbench()
        let key = try bench.sh(
            #"""
            ssh-keygen -q -t ed25519 -N "" -C "" -f key && echo "auditor@example $(cat key.pub)" > allowed
            ssh-keygen -q -t ed25519 -N "" -C "" -f forged
            """#)
        try #require(key.status == 0, "\(key.errors)")
        func event(_ business: String?, _ members: String) throws -> String {
            let name = try business.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }
            return #"{"event":"RECORD_CREATED","data":{\#(name.map { #""business_id":\#($0),"# } ?? "")\#(members)}}"#
        }
        func sweep() throws {
            let result = try bench.sh(
                "daybook sweep \(isSigned ? "--sign-key key" : "")",
                environment: ["DAYBOOK_IGNORE_POINTER": "/data/sent"])
            try #require(result.status == 0, "\(result.errors)")
        }
        let first = try event("acme", #""n":1,"text":"a \",\"data\": b""#)
        try bench.receive(first, at: "2025-03-01T08:00:00Z")
        try bench.receive(event("acme", "\n \"n\": 2.0, \"deep\": [[[1e400]]]\r\n"), at: "2025-03-02T08:00:00Z")
        try bench.receive(first, at: "2025-03-02T09:00:00Z")
        try bench.receive(event("acme", #""n":3,"sent":1"#), at: "2025-03-02T10:00:00Z")
        try bench.receive(event("acme", #""n":3,"sent":2"#), at: "2025-03-02T11:00:00Z")
        try bench.receive(event("acme", #""n":4"#), at: "2025-03-02T12:00:00Z", "sandbox")
        for business in [Self.hostile, Self.long, nil] {
            try bench.receive(event(business, #""n":5"#), at: "2025-03-01T10:00:00Z")
            try bench.receive(event(business, #""n":6"#), at: "2025-03-02T10:00:00Z")
        }
        for day in 1...3 {
            try bench.receive(event(Self.other, #""\#(Self.secret)":\#(day)"#), at: "2025-03-0\(day)T10:00:00Z")
        }
        try bench.receive(#"{"event":"X","data":"\#(Self.secret)""#, at: "2025-03-02T13:00:00Z")
        try sweep()
        try bench.receive(event("acme", #""n":7"#), at: "2025-03-01T12:00:00Z")
        try bench.receive(event(Self.other, #""\#(Self.secret)":7"#), at: "2025-03-02T12:00:00Z")
        try sweep()
    }

    /// Exports into a folder of its own.
    func export(_ arguments: String...) throws -> Bag { try exportList(arguments) }

    func exportList(_ arguments: [String]) throws -> Bag {
        let folder = try TemporaryDirectory()
        let result = try run(
            "\(buildFolder)/daybook",
            ["export", "--archive", bench.folder("archive"), "-o", folder("bag")] + arguments)
        try #require(result.status == 0, "\(result.errors)")
        return Bag(folder: folder, signers: bench.folder("allowed"))
    }
}

/// A bag as an auditor has it, and an attacker.
struct Bag {
    let folder: TemporaryDirectory
    let signers: String

    static let shells = ["dash", "bash"]

    /// Runs `check.sh` where there is nothing on the PATH but what it says it needs.
    func check(_ shell: String = "dash", signers: String? = nil) throws -> ProgramResult {
        let tools = [
            "gzip", "sha256sum", "jq", "ssh-keygen", "awk", "cat", "find", "mkdir", "mkfifo", "mktemp", "od", "rm",
            "sed",
            "sort", "tr", "wc",
        ]
        let bare = folder("bare")
        try FileManager.default.createDirectory(atPath: bare, withIntermediateDirectories: true)
        for tool in tools where !FileManager.default.fileExists(atPath: "\(bare)/\(tool)") {
            let found = try run("sh", ["-c", "command -v \(tool)"]).lines.first
            try FileManager.default.createSymbolicLink(atPath: "\(bare)/\(tool)", withDestinationPath: #require(found))
        }
        let path = try #require(try run("sh", ["-c", "command -v \(shell)"]).lines.first)
        return try run(
            "/usr/bin/env", ["-i", "PATH=\(bare)", path, "bag/data/check.sh"] + (signers.map { [$0] } ?? []),
            in: folder.path)
    }

    /// What PyPI's `bagit` says.
    func bagit() throws -> ProgramResult { try run(python, ["-m", "bagit", "--validate", folder("bag")]) }

    /// Every byte of every file, and of what is compressed the text, too.
    func everything() throws -> [String: [UInt8]] {
        var contents: [String: [UInt8]] = [:]
        for path in try folder.files(below: "bag") {
            contents[path] = Array(path.utf8) + (try folder.read("bag/\(path)"))
            if path.hasSuffix(".gz") { contents[path]? += try run("gzip", ["-dc", folder("bag/\(path)")]).output }
        }
        return contents
    }
}
