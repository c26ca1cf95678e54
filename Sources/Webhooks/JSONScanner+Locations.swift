// The location of a fault in the document. This code is slow, and runs at most once for each text.

extension JSONScanner {
    /// Adds the location of a fault: the innermost open object or array.
    @inline(never)
    func inContainer(_ fault: PayloadFault) -> PayloadFault {
        located(fault, location(depth: outer.count - 1))
    }

    /// Adds the location of a fault: the name or value that is being read.
    @inline(never)
    func inToken(_ fault: PayloadFault) -> PayloadFault {
        frame.shape == .object && frame.name.isEmpty
            ? located(fault, "in a member's name \(location(depth: outer.count - 1))")
            : located(fault, location(depth: outer.count))
    }

    private func located(_ fault: PayloadFault, _ location: String) -> PayloadFault {
        var fault = fault
        fault.detail += " " + location
        return fault
    }

    /// Describes the open value at a depth by its pointer, for example `at "/data/items/3"`.
    private func location(depth count: Int) -> String {
        guard count > 0 else { return "in the top value" }
        var pointer: [UInt8] = []
        for depth in 1...count where pointer.count < 1000 {
            let frame = depth < outer.count ? outer[depth] : self.frame
            pointer.append(UInt8(ascii: "/"))
            if frame.shape == .array {
                pointer += Array(String(frame.index).utf8)
            } else if frame.name.count >= 2 {
                let name = frame.name.lowerBound + 1..<frame.name.upperBound - 1
                pointer += JSONPointer.escaped(JSONText.unescaped(text[name]))
            }
        }
        return "at \(PayloadFault.quoted(pointer))"
    }
}
