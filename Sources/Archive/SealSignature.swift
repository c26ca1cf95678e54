internal import DurableFiles
internal import Foundation
package import Webhooks

/// Signatures of seals: `<seal>.sig`, as `ssh-keygen -Y sign` makes them (the format is in OpenSSH's PROTOCOL.sshsig).
///
/// By OpenSSH's own program, so that a key may lie in an agent or on a token, and that an auditor checks with the
/// program that signed. A signature is not listed by any seal: it may be added later, and does not change what it
/// signs.
package enum SealSignature {
    /// Keeps a signature of something else from passing for one of a seal.
    package static let namespace = "daybook-seal"

    package static func path(ofSeal seal: String) -> String { "\(seal).sig" }

    /// The signature of some bytes.
    ///
    /// - Parameter key: the path of a private key, or of a public key whose private part an agent has.
    /// - Throws: ``SignatureError``.
    package static func sign(_ bytes: [UInt8], key: String) throws -> [UInt8] {
        let result = try run(["-Y", "sign", "-q", "-f", key, "-n", namespace], input: bytes)
        guard result.status == 0 else { throw SignatureError.notSigned(key, result.message) }
        return result.output
    }

    /// Why a signature does not hold; nil where it does.
    ///
    /// - Parameters:
    ///   - signature: the path of the signature.
    ///   - allowedSigners: the path of a file of who may sign (ssh-keygen(1), ALLOWED SIGNERS); nil to ask only that
    ///   the
    ///     bytes are those that were signed, whoever did.
    /// - Throws: ``SignatureError/unavailable(_:)``.
    package static func fault(of bytes: [UInt8], signature: String, allowedSigners: String?) throws -> String? {
        guard let allowedSigners else {
            let result = try run(["-Y", "check-novalidate", "-n", namespace, "-s", signature], input: bytes)
            return result.status == 0 ? nil : result.message
        }
        let found = try run(["-Y", "find-principals", "-s", signature, "-f", allowedSigners], input: [])
        guard found.status == 0, let signer = String(decoding: found.output, as: UTF8.self).split(separator: "\n").first
        else { return "\(allowedSigners) allows no such signer" }
        let result = try run(
            ["-Y", "verify", "-f", allowedSigners, "-I", String(signer), "-n", namespace, "-s", signature], input: bytes
        )
        return result.status == 0 ? nil : result.message
    }

    private struct Result {
        let status: Int32
        let output: [UInt8]
        /// What it said, in one line.
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
            // It reads all before it answers, and answers in less than a pipe holds.
            try stdin.fileHandleForWriting.write(contentsOf: input)
            try stdin.fileHandleForWriting.close()
        } catch {
            throw SignatureError.unavailable("\(error)")
        }
        let output = Array(stdout.fileHandleForReading.readDataToEndOfFile())
        let message = String(decoding: stderr.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        // env(1): 127, no such program.
        guard process.terminationStatus != 127 else { throw SignatureError.unavailable("it is not on the PATH") }
        return Result(
            status: process.terminationStatus, output: output,
            message: message.split(whereSeparator: \.isNewline).joined(separator: "; "))
    }
}

package enum SignatureError: Error, CustomStringConvertible {
    case unavailable(String)
    case notSigned(String, String)

    package var description: String {
        switch self {
        case .unavailable(let cause): "cannot run ssh-keygen: \(cause); install OpenSSH's client"
        case .notSigned(let key, let cause):
            "\(key) does not sign: \(cause); give --sign-key a private key of ssh-keygen that this user can read, "
                + "without a passphrase or in an agent"
        }
    }
}

extension ArchiveFolder {
    /// Signs a seal that bears no signature yet; false where it does.
    package func sign(_ environment: Environment, seal path: String, key: String) throws -> Bool {
        let folder = ArchivePath.environment(environment)
        let signature = SealSignature.path(ofSeal: "\(folder)/\(path)")
        guard try root.status(of: signature) == nil, let bytes = try root.contents(of: "\(folder)/\(path)") else {
            return false
        }
        try root.replace(signature, with: SealSignature.sign(bytes, key: key))
        return true
    }
}
