/// Why a file with history cannot be read.
package enum IngestError: Error, CustomStringConvertible {
    /// The file or folder does not exist, or cannot be read.
    case unreadable(String, cause: String)
    /// The program that decompresses the file is not installed.
    case noProgram(String, path: String)
    /// The file is damaged after what was read of it.
    case damaged(String, cause: String)

    package var description: String {
        switch self {
        case .unreadable(let path, let cause): "cannot read \(path): \(cause)"
        case .noProgram(let program, let path):
            "\(path) is compressed, and the program \(program) is not installed; install it (apt-get install \(program))"
        case .damaged(let path, let cause):
            "\(path) is damaged (\(cause)); what came before was read, so get the file again and repeat the command"
        }
    }
}
