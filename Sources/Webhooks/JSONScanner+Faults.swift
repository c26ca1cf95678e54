// The words for what is wrong, and where. Slow, and run at most once a text.

extension JSONScanner {
    /// Something else stands at an offset than JSON wants there.
    @inline(never)
    func unexpected(_ offset: Int, expected: String, place: String) -> PayloadFault {
        guard offset < count else {
            return PayloadFault(.syntax, at: count, "the payload ends where \(expected) was expected \(place)")
        }
        let found: String
        switch byte(offset) {
        case 0x80...:
            let end = characterEnd(offset)
            guard end > offset else { return notUTF8(offset) }
            found = PayloadFault.quoted(bytes[offset..<end])
        case 0x20..<0x7F: found = PayloadFault.quoted(bytes[offset...offset])
        case let control: found = PayloadFault.codePoint(Unicode.Scalar(control))
        }
        return PayloadFault(.syntax, at: offset, "\(found) stands where \(expected) was expected \(place)")
    }

    @inline(never)
    func notUTF8(_ offset: Int) -> PayloadFault {
        let byte = Hex.encode([byte(offset)]).uppercased()
        return PayloadFault(.notUTF8, at: offset, "the byte 0x\(byte) begins no valid UTF-8 \(placeOfToken(offset))")
    }

    /// The object or array that is open.
    var placeOfContainer: String { place(count: outer.count - 1) }

    /// The value of the current member or element.
    var placeOfValue: String { place(count: outer.count) }

    /// Of an offset within a string: that of a member's name, while this is read, or a value.
    func placeOfToken(_ offset: Int) -> String {
        frame.shape == .object && frame.name.isEmpty ? "in a member's name \(placeOfContainer)" : placeOfValue
    }

    /// `at "/data/items/3"`: the pointer to what lies so many values deep.
    private func place(count: Int) -> String {
        guard outer.count > 0, count > 0 else { return "in the top value" }
        var pointer: [UInt8] = []
        for depth in 1...count where pointer.count < 1000 {
            let frame = depth < outer.count ? outer[depth] : self.frame
            pointer.append(UInt8(ascii: "/"))
            if frame.shape == .array {
                pointer += Array(String(frame.index).utf8)
            } else if frame.name.count >= 2 {
                let name = bytes[frame.name.lowerBound + 1..<frame.name.upperBound - 1]
                pointer += JSONPointer.escaped(JSONText.unescaped(UnsafeRawBufferPointer(rebasing: name)))
            }
        }
        return "at \(PayloadFault.quoted(pointer))"
    }
}
