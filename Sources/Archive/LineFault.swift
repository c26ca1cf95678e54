/// A fault in a line, as a clause that follows "the line".
package struct LineFault: Error, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}
