internal import ArgumentParser

enum AuthenticationMethod: String, CaseIterable, ExpressibleByArgument {
    case none
    case path
    case header
    case hmac
    case standardWebhooks = "standard-webhooks"
}
