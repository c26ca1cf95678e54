internal import DurableFiles
internal import Foundation
package import Webhooks

/// Signatures of seals: `<seal>.sig`, as `ssh-keygen -Y sign` creates them (the format is in OpenSSH's
/// PROTOCOL.sshsig).
///
/// OpenSSH's own program is used, so that a key may be in an agent or on a token, and an auditor checks with the
/// program that signed. No seal lists a signature, so it may be added later without changing what it signs.
package enum SealSignature {
    /// The namespace, which keeps a signature of something else from being accepted for a seal.
    package static let namespace = "daybook-seal"

    package static func path(ofSeal seal: String) -> String { "\(seal).sig" }

    /// Returns the signature of some bytes.
    ///
    /// - Parameter key: The path of a private key, or of a public key whose private key is in an agent.
    /// - Throws: ``SignatureError``.
    package static func sign(_ bytes: [UInt8], key: String) throws -> [UInt8] {
        let result = try run(["-Y", "sign", "-q", "-f", key, "-n", namespace], input: bytes)
        guard result.status == 0 else { throw SignatureError.notSigned(key, result.message) }
        return result.output
    }

    /// Returns why a signature is not valid, or `nil` if it is.
    ///
    /// - Parameters:
    ///   - signature: The path of the signature.
    ///   - allowedSigners: The path of an allowed-signers file (ssh-keygen(1), "ALLOWED SIGNERS"), or `nil` to
    ///     accept any signer.
    /// - Throws: ``SignatureError/unavailable(_:)``.
    package static func fault(of bytes: [UInt8], signature: String, allowedSigners: String?) throws -> String? {
        guard let allowedSigners else {
            let result = try run(["-Y", "check-novalidate", "-n", namespace, "-s", signature], input: bytes)
            return result.status == 0 ? nil : result.message
        }
        let found = try run(["-Y", "find-principals", "-s", signature, "-f", allowedSigners], input: [])
        guard found.status == 0, let signer = String(decoding: found.output, as: UTF8.self).split(separator: "\n").first
        else { return "its signer is not in \(allowedSigners)" }
        let result = try run(
            ["-Y", "verify", "-f", allowedSigners, "-I", String(signer), "-n", namespace, "-s", signature], input: bytes
        )
        return result.status == 0 ? nil : result.message
    }

    private struct Result {
        let status: Int32
        let output: [UInt8]
        /// The program's messages, in one line.
        let message: String
    }

    private static func run(_ arguments: [String], input: [UInt8]) throws -> Result {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["ssh-keygen"] + arguments
        let (stdin, stdout, stderr) = (Pipe(), Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = stdout
        process.standardError = stderr
        do {
            try process.run()
            // The program reads all input before it answers, and its answer fits into a pipe.
            try stdin.fileHandleForWriting.write(contentsOf: input)
            try stdin.fileHandleForWriting.close()
        } catch {
            throw SignatureError.unavailable("\(error)")
        }
        let output = Array(stdout.fileHandleForReading.readDataToEndOfFile())
        let message = String(decoding: stderr.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        // env(1) exits with 127 if there is no such program.
        guard process.terminationStatus != 127 else { throw SignatureError.unavailable("it is not on the PATH") }
        return Result(
            status: process.terminationStatus, output: output,
            message: message.split(whereSeparator: \.isNewline).joined(separator: "; "))
    }
}

extension ArchiveFolder {
    /// Signs a seal, unless it has a signature.
    ///
    /// - Parameter line: The path and hash of the seal.
    /// - Throws: ``ArchiveError/differs(_:_:)`` if the seal is missing or was changed; ``SignatureError``.
    package func sign(_ environment: Environment, seal line: ChecksumLine, key: String) throws {
        let path = "\(ArchivePath.environment(environment))/\(line.path)"
        let signature = SealSignature.path(ofSeal: path)
        guard try root.status(of: signature) == nil else { return }
        guard let bytes = try root.contents(of: path), ContentHash(of: bytes) == line.hash else {
            throw ArchiveError.differs(root.path(of: path), "it is missing, or was changed, so it is not signed")
        }
        try root.replace(signature, with: SealSignature.sign(bytes, key: key))
    }
}
