import Foundation
import TestSupport
import Testing

/// Both programs use the arguments that the kernel passed, whatever a preloaded library does to the environment.
@Suite struct ArgumentTests {
    /// libfaketime calls setenv(3) while the program is loaded.
    private func preloading() throws -> [String: String] {
        let files = try run("dpkg", ["-L", "libfaketime"]).lines
        return ["LD_PRELOAD": try #require(files.first { $0.hasSuffix("/libfaketime.so.1") }), "FAKETIME": "+0"]
    }

    @Test func argumentsSurviveAPreloadedLibrary() throws {
        let bench = try Workbench()
        let environment = try preloading()
        for program in ["daybook", "daybook-receiver"] {
            let wrong = try bench.sh("\(program) --no-such-option", environment: environment)
            #expect(wrong.status == 64, "\(program): \(wrong.status) \(wrong.errors)")
        }
        let version = try bench.daybook("--version", environment: environment)
        #expect(version.status == 0 && !version.text.isEmpty)
        // With its arguments lost, this would listen on the default address, without authentication.
        let receiver = try bench.sh(
            "timeout 20 daybook-receiver --listen 127.0.0.1:0 --auth hmac", environment: environment)
        #expect(receiver.status == 78, "\(receiver.status) \(receiver.errors)")
        #expect(receiver.errors.contains("auth hmac"))
    }

    @Test func emptyAndUnusualArgumentsArriveUnchanged() throws {
        let bench = try Workbench()
        let empty = try bench.daybook("list", "--business", "", "--archive", "no such\nfolder")
        #expect(empty.status == 66 && empty.errors.contains("no such\nfolder"), "\(empty.errors)")
    }
}
