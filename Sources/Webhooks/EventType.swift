/// The event types on the provider's webhook page, in its order.
///
/// A vocabulary, not a limit: an event of any other type is kept like these.
package enum EventType: String, CaseIterable, Sendable {
    case newBusiness = "NEW_BUSINESS"
    case newSubscription = "NEW_SUBSCRIPTION"
    case subscriptionRequest = "SUBSCRIPTION_REQUEST"
    case subscriptionExpired = "SUBSCRIPTION_EXPIRED"
    case newTransactionCreated = "NEW_TRANSACTION_CREATED"
    case transactionUpdated = "TRANSACTION_UPDATED"
    case transactionDeleted = "TRANSACTION_DELETED"
    case recordCreated = "RECORD_CREATED"
    case recordUpdated = "RECORD_UPDATED"
    case recordDeleted = "RECORD_DELETED"
    case inventoryItemCreated = "INVENTORY_ITEM_CREATED"
    case inventoryItemUpdated = "INVENTORY_ITEM_UPDATED"
    case inventoryItemDeleted = "INVENTORY_ITEM_DELETED"

    /// The thirteen names, in the page's order.
    package static let knownNames = allCases.map(\.rawValue)
}
