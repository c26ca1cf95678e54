import Foundation
import TestSupport
import Testing

@Suite struct DemoTests {
    @Test func showsTheWholeCycleOnOneScreen() throws {
        let bench = try Workbench()
        let demo = try bench.sh("daybook demo --folder shown 2>&1")
        #expect(demo.status == 0, "\(demo.text)")
        #expect(demo.text.contains("sweep 1: 23 received = 18 archived + 4 redelivered + 1 quarantined"))
        #expect(demo.text.contains(#""batch":90071992547409931"#) && demo.text.contains("all is as promised"))
        #expect(demo.text.split(separator: "\n", omittingEmptySubsequences: false).count <= 80)
        // But for lines that hold the path of a folder, which may be of any length.
        let wide = demo.text.split(separator: "\n").filter { $0.count > 80 && !$0.contains("/") }
        #expect(wide == [])
        #expect(try bench.daybook("verify", "--archive", "shown/archive").status == 0)

        let again = try bench.daybook("demo", "--folder", "shown")
        #expect(again.status == 73 && again.errors.contains("holds a spool already; name a new folder"))
    }

    @Test func reportsAMissingReceiver() throws {
        let bench = try Workbench()
        let alone = try bench.sh("cp \(buildFolder)/daybook . && ./daybook demo --folder shown; ls shown")
        #expect(alone.errors.contains("run `swift build`") && alone.errors.contains("cannot access 'shown'"))
    }

    /// However the demo ends, its receiver does.
    @Test(.timeLimit(.minutes(2)), arguments: [SIGINT, SIGTERM, SIGKILL])
    func leavesNoReceiverBehind(_ signal: Int32) throws {
        let bench = try Workbench()
        let demo = try bench.start("\(buildFolder)/daybook", ["demo", "--folder", "shown"])
        try waitUntil { try !demo.isRunning || demo.output.contains("listening on") }
        demo.send(signal)
        #expect(try demo.end().status == 128 + signal)
        let receivers = """
            for pid in $(pgrep -x daybook-receive); do
                [ "$(readlink /proc/$pid/cwd)" = "$PWD/shown" ] && echo $pid
            done; true
            """
        try waitUntil { try bench.sh(receivers).lines.isEmpty }
    }
}
