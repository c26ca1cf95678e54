internal import ArgumentParser
internal import Configuring

/// An address or an address range.
struct TrustedProxy: ExpressibleByArgument {
    let range: AddressRange

    init?(argument: String) {
        guard let range = AddressRange(argument) else { return nil }
        self.range = range
    }
}
