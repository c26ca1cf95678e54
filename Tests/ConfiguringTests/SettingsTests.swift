import ArgumentParser
import Configuring
import Foundation
import Testing

@Suite("Settings") struct SettingsTests {
    /// A file that is gone when the test is over.
    final class File {
        let path = FileManager.default.temporaryDirectory.appending(path: "settings-\(UUID().uuidString)").path
        init(_ text: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    @Test func flagsPrecedeEnvironmentPrecedesFilePrecedesDefaults() throws {
        let file = try File(#"{"spool": "file", "id-header": "x-file", "writers": 3, "keep-header": ["a", "b"]}"#)
        let environment = ["DAYBOOK_SPOOL": "environment", "DAYBOOK_KEEP_HEADER": "c,d", "DAYBOOK_QUEUE": ""]
        let settings = try Settings(file: file.path, environment: environment)
        #expect(try settings.value(.spool, flag: "flag", default: "default") == "flag")
        #expect(try settings.value(.spool, flag: nil, default: "default") == "environment")
        #expect(try settings.value(.idHeader, flag: nil, default: "default") == "x-file")
        #expect(try settings.value(.archive, flag: nil, default: "default") == "default")
        #expect(try settings.value(.archive, flag: String?.none) == nil)
        #expect(try settings.value(.writers, flag: nil, default: 32) == 3)
        #expect(try settings.value(.queue, flag: nil, default: 7) == 7, "an empty variable is none")
        #expect(try settings.values(.keepHeader, flag: ["e"]) == ["e"])
        #expect(try settings.values(.keepHeader, flag: [String]()) == ["c", "d"])
        #expect(try Settings(file: file.path, environment: [:]).values(.keepHeader, flag: [String]()) == ["a", "b"])
    }

    @Test func theEnvironmentCanNameTheFile() throws {
        let file = try File(#"{"spool": "file"}"#)
        let settings = try Settings(file: nil, environment: ["DAYBOOK_CONFIG": file.path])
        #expect(try settings.value(.spool, flag: nil, default: "default") == "file")
    }

    @Test func everyKindOfValue() throws {
        let file = try File(#"{"max-body": 2048, "grace": "1m", "secret": "one", "queue": "12", "reserve": "1.5"}"#)
        let settings = try Settings(file: file.path, environment: ["DAYBOOK_MAX_BUFFERED": "1GiB"])
        #expect(try settings.value(.maxBody, flag: nil, default: ByteSize(bytes: 0)).bytes == 2048)
        #expect(try settings.value(.maxBuffered, flag: nil, default: ByteSize(bytes: 0)).bytes == 1 << 30)
        #expect(try settings.value(.grace, flag: nil, default: TimeSpan.seconds(0)) == .seconds(60))
        #expect(try settings.values(.secret, flag: [String]()) == ["one"], "a single value is a list of one")
        #expect(try settings.value(.queue, flag: nil, default: 0) == 12)
        #expect(throws: Failure.self) { try settings.value(.reserve, flag: nil, default: ByteSize(bytes: 0)) }
    }

    @Test func everySettingHasTheSameNameInEachPlace() {
        #expect(Setting.idHeader.rawValue == "id-header")
        #expect(Setting.idHeader.variable == "DAYBOOK_ID_HEADER")
        for setting in Setting.allCases {
            #expect(setting.rawValue.allSatisfy { $0.isLowercase || $0 == "-" })
        }
    }

    enum Colour: String, CaseIterable, ExpressibleByArgument { case red, green }

    @Test func aWrongValueIsReportedWithItsPlace() throws {
        let file = try File(#"{"writers": "many"}"#)
        let environment = ["DAYBOOK_AUTH": "blue", "DAYBOOK_GRACE": "5 minutes"]
        let settings = try Settings(file: file.path, environment: environment)
        let number = #expect(throws: Failure.self) { try settings.value(.writers, flag: nil, default: 1) }
        #expect(number?.description == "\"writers\" in \(file.path): \"many\" is not a whole number")
        let word = #expect(throws: Failure.self) { try settings.value(.auth, flag: nil, default: Colour.red) }
        #expect(word?.description == "DAYBOOK_AUTH: \"blue\" is not one of red, green")
        let time = #expect(throws: Failure.self) { try settings.value(.grace, flag: nil, default: TimeSpan.seconds(1)) }
        #expect(time?.description.hasSuffix("is not a time such as 500ms, 30s, 5m, 36h or 7d") == true)
        #expect([number, word, time].allSatisfy { $0?.status == .configuration })
    }

    @Test(arguments: [
        (#"{"spoool": "x"}"#, #""spoool" is not a setting; did you mean "spool"?"#),
        (#"{"colour": "x"}"#, #""colour" is not a setting; the settings are access, allowed-signers, archive, auth, "#),
        (#"{"spool": "a" "b"}"#, "it is not valid JSON (Invalid value around character 1"),
        ("", "it is not valid JSON"),
        ("[1]", "it is not a JSON object"),
        (#"{"spool": ["a", "b"]}"#, #""spool" takes a single value"#),
        (#"{"spool": {"a": 1}}"#, #""spool" is neither text, number, true, false, nor a list of these"#),
        (#"{"secret": [["a"]]}"#, #""secret" contains a list within a list"#),
    ])
    func aWrongFileIsReported(_ text: String, _ sentence: String) throws {
        let file = try File(text)
        let failure = #expect(throws: Failure.self) { try Settings(file: file.path, environment: [:]) }
        #expect(failure?.status == .configuration)
        #expect(failure?.description.hasPrefix("\(file.path): \(sentence)") == true, "\(String(describing: failure))")
    }

    @Test(arguments: [
        ("DAYBOOK_TIMEZONE", "did you mean DAYBOOK_TIME_ZONE?"), ("DAYBOOK_SPOOLS", "did you mean DAYBOOK_SPOOL?"),
        ("DAYBOOK_XYZZY_PLUGH_FROBNICATE", "unset it, or correct its name"),
    ])
    func anUnknownVariableIsReported(_ name: String, _ sentence: String) throws {
        let failure = #expect(throws: Failure.self) { try Settings(file: nil, environment: [name: "x"]) }
        #expect(failure?.status == .configuration)
        #expect(failure?.description.hasPrefix("\(name) in the environment is not a setting") == true)
        #expect(failure?.description.contains(sentence) == true, "\(failure?.description ?? "")")
        // An empty variable is unset, and the names of other programs do not matter.
        _ = try Settings(file: nil, environment: [name: "", "DAYBOOKS": "x", "DAYBOOK_SEED": "1"])
    }

    @Test func aMissingFileIsReported() {
        let failure = #expect(throws: Failure.self) { try Settings(file: "/nowhere/x.json", environment: [:]) }
        #expect(failure == Failure(.configuration, "cannot read /nowhere/x.json: No such file or directory"))
    }

    // MARK: Secrets

    @Test func secretsAreReadFromAFile() throws {
        let three = try File("  one \r\n\n\tproduction:two words\nthree")
        #expect(try readSecrets(three.path) == ["one", "production:two words", "three"])
        let file = try File(" \n\n")
        #expect(throws: Failure(.configuration, "\(file.path) has no secret; write one on each line")) {
            try readSecrets(file.path)
        }
    }

    // MARK: Quantities

    @Test(arguments: [
        ("0", 0), ("1048576", 1_048_576), ("1B", 1), ("512KiB", 524_288), ("1MiB", 1_048_576), ("1 mib", 1_048_576),
        ("2GB", 2_000_000_000), ("3kB", 3000), ("1TiB", 1 << 40),
    ])
    func byteSizes(_ text: String, _ bytes: Int) {
        #expect(ByteSize(argument: text)?.bytes == bytes)
    }

    @Test(arguments: ["", "MiB", "-1", "1.5MiB", "1XiB", "99999999999999999999", "9999999999999TiB", "١"])
    func invalidByteSizesAreRejected(_ text: String) {
        #expect(ByteSize(argument: text) == nil)
    }

    @Test(arguments: [
        ("500ms", 500), ("30", 30_000), ("30s", 30_000), ("5m", 300_000), ("36h", 129_600_000), ("7d", 604_800_000),
        ("0", 0),
    ])
    func timeSpans(_ text: String, _ milliseconds: Int) {
        #expect(TimeSpan(argument: text)?.milliseconds == milliseconds)
    }

    @Test(arguments: ["", "s", "-1s", "1.5h", "1M", "1w", "99999999999999999d"])
    func invalidTimeSpansAreRejected(_ text: String) {
        #expect(TimeSpan(argument: text) == nil)
    }

    @Test func quantitiesPrintAsTheyAreWritten() {
        for text in ["1MiB", "512KiB", "3", "0", "5GiB"] { #expect(ByteSize(argument: text)?.description == text) }
        for text in ["500ms", "30s", "5m", "36h", "7d", "0s"] { #expect(TimeSpan(argument: text)?.description == text) }
    }
}
