import Testing
import Webhooks

@Suite struct EventTypeTests {
    @Test func theNamesAreInTheOrderOfTheProvidersPage() {
        #expect(
            EventType.knownNames == [
                "NEW_BUSINESS", "NEW_SUBSCRIPTION", "SUBSCRIPTION_REQUEST", "SUBSCRIPTION_EXPIRED",
                "NEW_TRANSACTION_CREATED", "TRANSACTION_UPDATED", "TRANSACTION_DELETED",
                "RECORD_CREATED", "RECORD_UPDATED", "RECORD_DELETED",
                "INVENTORY_ITEM_CREATED", "INVENTORY_ITEM_UPDATED", "INVENTORY_ITEM_DELETED",
            ])
    }
}
