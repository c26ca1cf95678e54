/// Consecutive products that a thread hands over at once, and the error that ended them early, if any.
struct ProductBatch<Product: Sendable>: Sendable {
    private(set) var products: [Product] = []
    /// The error of the product that follows ``products``.
    private(set) var failure: (any Error)?

    init(_ numbers: Range<Int>, _ produce: (Int) throws -> Product) {
        products.reserveCapacity(numbers.count)
        do {
            for number in numbers { products.append(try produce(number)) }
        } catch {
            failure = error
        }
    }
}
