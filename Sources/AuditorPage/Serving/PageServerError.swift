package enum PageServerError: Error, CustomStringConvertible {
    case plain(String)
    case certificate(String, String)
    case address(String, String)

    package var description: String {
        switch self {
        case .plain(let host):
            "\(host) can be reached from other machines, and tokens would be sent unencrypted; give "
                + "--tls-certificate and --tls-key, listen on 127.0.0.1 behind a TLS proxy, or allow it with --plain-http"
        case .certificate(let path, let cause): "\(path) and its key cannot be used: \(cause)"
        case .address(let address, let cause): "cannot listen on \(address): \(cause)"
        }
    }
}
