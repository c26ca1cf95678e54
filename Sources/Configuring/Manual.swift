internal import ArgumentParser
internal import FoundationEssentials
internal import Glibc

/// A program's page for man(1), in mdoc(7), with everything that `--help` shows for it and its subcommands.
///
/// The `generate-manual` plugin of swift-argument-parser would run the tables of a discussion together.
struct Manual {
    private let program: Command

    /// A command as the parser dumps it (`ToolInfoV0`).
    private struct Command: Decodable {
        let commandName: String
        let abstract, discussion: String?
        let subcommands: [Command]?
        let arguments: [Argument]?
    }

    private struct Argument: Decodable {
        struct Name: Decodable { let kind, name: String }
        let kind: String
        let shouldDisplay, isRepeating: Bool
        let names: [Name]?
        let valueName, abstract, sectionTitle: String?
        let allValues: [String]?
    }

    private struct Dump: Decodable { let command: Command }

    init(of program: any ParsableCommand.Type) throws {
        self.program = try JSONDecoder().decode(Dump.self, from: Data(program._dumpHelp().utf8)).command
    }

    /// - Parameter date: The date of the page, for example `November 24, 2026`.
    func text(date: String) -> String {
        let name = program.commandName
        let commands = Self.commands(below: program)
        var lines = [".Dd \(date)", ".Dt \(name.uppercased()) 1", ".Os", ".Sh NAME", ".Nm \(name)"]
        lines.append(".Nd \(Self.escaped(program.abstract ?? ""))")
        lines += [".Sh SYNOPSIS", ".Nm"] + (commands.isEmpty ? [] : [".Ar command"]) + [".Op Ar options"]
        lines += [".Sh DESCRIPTION"] + Self.paragraphs(program.discussion)
        lines += [".Sh OPTIONS"] + Self.list(program.arguments, below: 0)
        if !commands.isEmpty { lines.append(".Sh COMMANDS") }
        for (path, command) in commands {
            lines.append(".Ss \(name) \(path)")
            lines += Self.paragraphs("\(command.abstract ?? "")\n\n\(command.discussion ?? "")")
            lines += Self.list(command.arguments, below: 1)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    static var today: String {
        var (now, fields) = (time(nil), tm())
        gmtime_r(&now, &fields)
        var text = [CChar](repeating: 0, count: 64)
        let count = strftime(&text, text.count, "%B %e, %Y", &fields)
        return String(decoding: text.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
            .replacing("  ", with: " ")
    }

    /// Returns the subcommands with their full names, except `help`, which prints what `--help` prints.
    private static func commands(below command: Command) -> [(path: String, command: Command)] {
        (command.subcommands ?? []).filter { $0.commandName != "help" }.flatMap { sub in
            [(sub.commandName, sub)] + commands(below: sub).map { ("\(sub.commandName) \($0.path)", $0.command) }
        }
    }

    // MARK: - Options

    /// - Parameter depth: 0 for the program itself, the only one whose page has `--help` and `--version`.
    private static func list(_ arguments: [Argument]?, below depth: Int) -> [String] {
        let shown = (arguments ?? []).filter {
            $0.shouldDisplay && (depth == 0 || !["help", "version"].contains($0.valueName))
        }
        guard !shown.isEmpty else { return [] }
        var lines: [String] = []
        var title: String?
        for argument in shown {
            if lines.isEmpty || argument.sectionTitle != title {
                if !lines.isEmpty { lines.append(".El") }
                title = argument.sectionTitle
                lines += (title.map { [".Ss \($0)"] } ?? []) + [".Bl -tag -width Ds"]
            }
            lines.append(".It \(synopsis(argument))")
            let values = (argument.allValues ?? []).joined(separator: ", ")
            let texts = [argument.abstract ?? "", values.isEmpty ? "" : "(values: \(values))"].filter { !$0.isEmpty }
            if !texts.isEmpty { lines.append(sentences(texts.joined(separator: " "))) }
        }
        return lines + [".El"]
    }

    private static func synopsis(_ argument: Argument) -> String {
        let times = argument.isRepeating ? " ..." : ""
        let value = argument.kind == "flag" ? "" : " Ar \(argument.valueName ?? "")\(times)"
        let names = (argument.names ?? []).map { $0.kind == "long" ? "-\($0.name)" : $0.name }
        return names.isEmpty ? String(value.dropFirst()) : names.map { "Fl \($0)\(value)" }.joined(separator: " , ")
    }

    // MARK: - Text

    /// Returns the paragraphs of a text. A paragraph with runs of spaces is a table, or commands, and is left as it is.
    private static func paragraphs(_ text: String?) -> [String] {
        (text ?? "").split(separator: "\n\n").enumerated().flatMap { index, paragraph in
            let lines = paragraph.split(separator: "\n")
            if paragraph.contains("   ") {
                // It has space before it without a macro.
                return [".Bd -literal -offset indent"] + lines.map(escaped) + [".Ed"]
            }
            return (index > 0 ? [".Pp"] : []) + lines.map(sentences)
        }
    }

    /// Returns the sentences on separate lines, as mdoc(7) asks for: formatters widen the space after a sentence at the end of a line.
    private static func sentences(_ text: some StringProtocol) -> String {
        String(text).replacing(#/([.!?]\)?) +([A-Z])/#) { "\($0.1)\n\($0.2)" }.split(separator: "\n").map(escaped)
            .joined(separator: "\n")
    }

    /// Escapes what roff(7) would interpret.
    private static func escaped(_ text: some StringProtocol) -> String {
        let text = String(text).replacing("\\", with: "\\e").replacing("-", with: "\\-")
        return text.hasPrefix(".") || text.hasPrefix("'") ? "\\&\(text)" : text
    }
}
