/// An event type of the provider's webhook page. The cases are in the order of the page.
///
/// Daybook also accepts events of any other type.
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

    /// The names of the thirteen types, in the order of the page.
    package static let knownNames = allCases.map(\.rawValue)
}
