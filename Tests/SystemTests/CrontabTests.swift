import Foundation
import TestSupport
import Testing

/// `cron/daybook`: silent where all is well, so that cron has nothing to mail, and not where something is wrong.
@Suite struct CrontabTests {
    /// The commands that contain a word, and the variables that are set before them.
    private func crontab(_ word: String) throws -> (command: String, variables: [String: String]) {
        let text = try String(contentsOfFile: "\(packageFolder)/cron/daybook", encoding: .utf8)
        var variables: [String: String] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            if let found = line.wholeMatch(of: #/(\w+)=(.*)/#) { variables[String(found.1)] = String(found.2) }
            // Five fields of time, the user, and the command.
            guard let job = line.wholeMatch(of: #/(?:\S+\s+){5}daybook\s+(.*)/#), job.1.contains(word) else { continue }
            // crontab(5): a % would be a newline.
            #expect(!job.1.contains("%"))
            return (String(job.1), variables)
        }
        throw NoSuchJob()
    }

    private struct NoSuchJob: Error {}

    private func runJob(_ word: String, _ bench: Workbench) throws -> ProgramResult {
        let job = try crontab(word)
        #expect(job.variables["MAILTO"] != nil && job.variables["SHELL"] == "/bin/sh")
        // The environment is that of cron, but for where the programs are.
        let path = "\(buildFolder):\(try #require(job.variables["PATH"]))"
        try bench.folder.write(#"{"spool": "spool", "archive": "archive"}"#.utf8, to: "etc.json")
        let settings = "env -i PATH=\(path) HOME=/ LOGNAME=daybook DAYBOOK_CONFIG=etc.json"
        return try bench.sh("\(settings) /bin/sh -c \"$JOB\"", environment: ["JOB": job.command])
    }

    @Test func silentIfAllIsWell() throws {
        try withWorkbench { bench in
            try bench.receive(#"{"event":"RECORD_CREATED","data":{"business_id":"acme"}}"#)
            try bench.receive("{")
            for word in ["sweep", "sweep", "verify"] {
                let result = try runJob(word, bench)
                #expect(result.status == 0 && result.output.isEmpty && result.errors == "", "\(result)")
            }
            #expect(try bench.spooled() == [])
        }
    }

    @Test func reportsWhatIsWrong() throws {
        let bench = try Workbench()
        #expect(try bench.sh("mv spool elsewhere").status == 0)
        let sweep = try runJob("sweep", bench)
        #expect(sweep.status == 66 && sweep.text.contains("spool is not a spool"))
        #expect(try bench.sh("mv elsewhere spool").status == 0)

        try bench.receive(#"{"event":"RECORD_CREATED","data":{"business_id":"acme"}}"#)
        try bench.sweep()
        #expect(
            try bench.sh("printf X | dd of=$(echo archive/*/business=acme/*/*.gz) bs=1 seek=60 conv=notrunc").status
                == 0)
        let verify = try runJob("verify", bench)
        #expect(verify.status == 65 && verify.text.contains("business=acme") && verify.text.contains("→"))
    }

    @Test func aRunningSweepIsNotAnError() throws {
        try withWorkbench { bench in
            try bench.receive(#"{"event":"RECORD_CREATED","data":{"business_id":"acme"}}"#)
            try bench.sweep()
            let holder = try bench.start(
                "flock", ["spool/_sweep.lock", "sh", "-c", "touch held; until [ -e done ]; do sleep 0.1; done"])
            try waitUntil { try !holder.isRunning || bench.sh("[ -e held ]").status == 0 }
            #expect(try bench.daybook("sweep").status == 75)
            let job = try runJob("sweep", bench)
            #expect(job.status == 0 && job.output.isEmpty && job.errors == "", "\(job)")
            try bench.folder.write([], to: "done")
            #expect(try holder.end().status == 0)
        }
    }
}
