internal import ArgumentParser
internal import Webhooks

extension Environment: ExpressibleByArgument {}

extension CivilDate: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension DeliveryID: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument.lowercased()) }
}

extension JSONPointer: ExpressibleByArgument {
    package init?(argument: String) { try? self.init(argument) }
}

extension ContentHash: ExpressibleByArgument {
    package init?(argument: String) { self.init(hex: argument.lowercased()) }
}

extension Timestamp: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension BusinessRule: ExpressibleByArgument {
    package init?(argument: String) { try? self.init(argument) }
}
