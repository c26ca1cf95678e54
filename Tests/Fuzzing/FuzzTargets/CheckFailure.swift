/// A failed check.
package struct CheckFailure: Error, CustomStringConvertible {
    package let description: String
}

/// Throws ``CheckFailure`` with a description of the fault unless the condition is true.
func require(_ condition: Bool, _ fault: @autoclosure () -> String) throws {
    guard condition else { throw CheckFailure(description: fault()) }
}
