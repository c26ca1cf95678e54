// Where in the document a fault is. Slow, and run at most once a text.

extension JSONScanner {
    /// Adds to a fault where it is: in the object or array that is open.
    @inline(never)
    func inContainer(_ fault: PayloadFault) -> PayloadFault {
        placed(fault, place(count: outer.count - 1))
    }

    /// Adds to a fault where it is: in the name that is being read, or else the value.
    @inline(never)
    func inToken(_ fault: PayloadFault) -> PayloadFault {
        frame.shape == .object && frame.name.isEmpty
            ? placed(fault, "in a member's name \(place(count: outer.count - 1))")
            : placed(fault, place(count: outer.count))
    }

    private func placed(_ fault: PayloadFault, _ place: String) -> PayloadFault {
        var fault = fault
        fault.detail += " " + place
        return fault
    }

    /// `at "/data/items/3"`: the pointer to what lies so many values deep.
    private func place(count: Int) -> String {
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
