/// Why an item cannot become a delivery.
struct ItemFault: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
