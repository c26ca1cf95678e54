package enum SignatureError: Error, CustomStringConvertible {
    case unavailable(String)
    case notSigned(String, String)

    package var description: String {
        switch self {
        case .unavailable(let cause): "cannot run ssh-keygen: \(cause); install OpenSSH's client"
        case .notSigned(let key, let cause):
            "ssh-keygen cannot sign with \(key) (\(cause)); give --sign-key a private key that this user can read, "
                + "without a passphrase or in an agent"
        }
    }
}
