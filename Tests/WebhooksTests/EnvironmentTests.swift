import Testing
import Webhooks

@Suite struct EnvironmentTests {
    @Test func namesAndOrder() {
        #expect(Environment.allCases.map(\.description) == ["production", "sandbox"])
        #expect(Environment.allCases.sorted() == Environment.allCases)
        #expect(Environment(rawValue: "Production") == nil)
    }
}
