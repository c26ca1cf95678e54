internal import AccessLog
internal import Archive
internal import ArgumentParser
internal import Configuring
internal import Webhooks

/// Where the grants and the log of access are.
struct AccessOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The folder of grants and of the log of access, if it is not in the archive. (default: _access in the archive)",
            valueName: "folder"))
    var access: String?

    func path(_ settings: Settings) throws -> String? { try settings.value(.access, flag: access) }

    /// Opens the log, and creates it if it does not exist.
    func open(of archive: ArchiveOptions) throws -> AccessLogFolder {
        try AccessLogFolder(in: archive.open(), at: path(archive.settings())) { .now }
    }

    /// Opens the log, or returns `nil` if it does not exist.
    func existing(of archive: ArchiveOptions) throws -> AccessLogFolder? {
        let path = try path(archive.settings())
        return try AccessLogFolder.exists(in: archive.open(), at: path) ? open(of: archive) : nil
    }
}
