internal import Foundation

/// What a program said and how it ended.
package struct ProgramResult: Sendable {
    package let status: Int32
    package let output: [UInt8]
    package let errors: String

    package var text: String { String(decoding: output, as: UTF8.self) }
}

/// Runs a program to its end, by its path or by its name on the PATH.
///
/// - Parameter environment: added to that of the tests.
package func run(
    _ program: String, _ arguments: [String] = [], in folder: String? = nil, input: [UInt8] = [],
    environment: [String: String] = [:]
) throws -> ProgramResult {
    let process = Process()
    process.executableURL = URL(filePath: program.contains("/") ? program : "/usr/bin/env")
    process.arguments = (program.contains("/") ? [] : [program]) + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    if let folder { process.currentDirectoryURL = URL(filePath: folder) }
    // Files, not pipes: a program that writes much to both cannot block on one of them.
    let scratch = try TemporaryDirectory()
    try scratch.write(input, to: "in")
    try scratch.write([], to: "out")
    try scratch.write([], to: "err")
    process.standardInput = try FileHandle(forReadingFrom: URL(filePath: scratch("in")))
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: scratch("out")))
    process.standardError = try FileHandle(forWritingTo: URL(filePath: scratch("err")))
    try process.run()
    process.waitUntilExit()
    return ProgramResult(
        status: process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus,
        output: try scratch.read("out"), errors: String(decoding: try scratch.read("err"), as: UTF8.self))
}

/// Where the programs that are built with the tests stand.
package var buildFolder: String {
    // The tests' own bundle lies beside them.
    let arguments = ProcessInfo.processInfo.arguments
    let bundle = arguments.first { $0.hasSuffix(".xctest") } ?? arguments[0]
    return URL(filePath: bundle).deletingLastPathComponent().path
}
