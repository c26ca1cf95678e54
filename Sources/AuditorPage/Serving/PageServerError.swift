package enum PageServerError: Error, CustomStringConvertible {
    case plain(String)
    case certificate(String, String)
    case address(String, String)

    package var description: String {
        switch self {
        case .plain(let host):
            "\(host) can be reached from elsewhere, and tokens would go there in the open; give --tls-certificate and "
                + "--tls-key, listen on 127.0.0.1 behind a proxy that does TLS, or say --plain-http"
        case .certificate(let path, let cause): "\(path) and its key cannot be used: \(cause)"
        case .address(let address, let cause): "cannot listen on \(address): \(cause)"
        }
    }
}
