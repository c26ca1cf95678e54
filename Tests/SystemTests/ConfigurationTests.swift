import TestSupport
import Testing

/// Flags over environment over file over defaults, for both programs and out of one file.
@Suite struct ConfigurationTests {
    @Test func oneFileConfiguresBothPrograms() throws {
        let bench = try Workbench()
        try bench.folder.write(
            """
            {"spool": "in", "archive": "out", "time-zone": "Africa/Lagos", "business-pointer": ["/tenant"],
             "auth": "path", "secret": ["production:s3cret"], "listen": "127.0.0.1:0"}
            """.utf8, to: "daybook.json")
        let receiver = try bench.receiver(environment: ["DAYBOOK_CONFIG": "daybook.json"])
        #expect(try receiver.post(#"{"event":"A","tenant":"acme"}"#, to: "production/s3cret") == 200)
        #expect(try receiver.post("{}", to: "production/wrong") == 401)
        let stopped = try receiver.stop()
        #expect(stopped.status == 0, "\(stopped.errors)")

        #expect(try bench.daybook("sweep", "--config", "daybook.json").status == 0)
        let listed = try bench.daybook("list", environment: ["DAYBOOK_CONFIG": "daybook.json"])
        #expect(listed.lines.last?.contains("acme") == true, "\(listed)")
        #expect(try bench.sh("grep -c Africa/Lagos out/_daybook.json").lines == ["1"])
        #expect(try bench.daybook("verify", "--archive", "out").status == 0)
    }

    @Test func precedence() throws {
        let bench = try Workbench()
        try bench.folder.write(#"{"archive": "of-the-file", "config": 1}"#.utf8, to: "bad.json")
        try bench.folder.write(#"{"archive": "of-the-file"}"#.utf8, to: "daybook.json")
        func asked(_ arguments: String, _ environment: [String: String] = [:]) throws -> String {
            try bench.sh("daybook list \(arguments)", environment: environment).errors
        }
        let variable = ["DAYBOOK_ARCHIVE": "of-the-environment"]
        #expect(try asked("").contains("archive is not an archive"))
        #expect(try asked("--config daybook.json").contains("of-the-file is not an archive"))
        #expect(try asked("--config daybook.json", variable).contains("of-the-environment is not an archive"))
        #expect(
            try asked("--config daybook.json --archive of-the-flag", variable).contains("of-the-flag is not an archive")
        )
        #expect(try asked("--config bad.json").contains(#""config" is not a setting"#))
    }
}
