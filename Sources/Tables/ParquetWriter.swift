internal import DurableFiles
internal import Foundation

/// A Parquet file that a Python process writes, in row groups of limited size.
struct ParquetWriter: ~Copyable {
    private let process: Process
    private let input = Pipe()
    private let messages = Pipe()
    private let columns: TableColumns
    private var batch: ColumnBatch

    private static let mostRows = 1 << 17
    private static let mostBytes = 32 << 20

    /// Starts the process.
    ///
    /// - Parameters:
    ///   - file: The file to write, which is empty.
    ///   - metadata: Stored in the file, under names.
    init(
        _ python: PythonProgram, to file: borrowing NewFile, _ columns: TableColumns, metadata: [String: String]
    ) throws {
        process = python.process([])
        self.columns = columns
        batch = ColumnBatch(columns)
        process.standardInput = input
        process.standardError = messages
        try file.withDescriptor { descriptor in
            process.standardOutput = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
            try python.start(process)
        }
        try write(ColumnBatch.header(columns, metadata: metadata))
    }

    deinit {
        // What failed to start cannot be ended.
        if process.isRunning {
            try? input.fileHandleForWriting.close()
            process.terminate()
            process.waitUntilExit()
        }
    }

    mutating func append(row: Int, of rows: ColumnBatch) throws {
        batch.append(row: row, of: rows)
        if batch.rows >= Self.mostRows || batch.valueBytes >= Self.mostBytes { try writeBatch() }
    }

    private mutating func writeBatch() throws {
        try batch.encode { try write($0) }
        batch = ColumnBatch(columns)
    }

    private func write(_ bytes: [UInt8]) throws {
        do {
            try input.fileHandleForWriting.write(contentsOf: bytes)
        } catch {
            // The process has ended, and its message says why.
            throw Failed(cause: PythonProgram.lastLine(of: messages))
        }
    }

    /// Writes what is left, and returns once the file is complete. It is not synced.
    consuming func finish() throws {
        if batch.rows > 0 { try writeBatch() }
        try write(ColumnBatch.end)
        try input.fileHandleForWriting.close()
        let message = PythonProgram.lastLine(of: messages)
        process.waitUntilExit()
        guard process.terminationReason == .exit, process.terminationStatus == 0 else { throw Failed(cause: message) }
    }

    /// The process ended before the file was complete.
    struct Failed: Error {
        /// Its last line on stderr, which may be empty.
        let cause: String
    }
}
