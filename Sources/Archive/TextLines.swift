internal import Glibc

extension UnsafeRawBufferPointer {
    /// The bytes up to and including the first LF, or all of them if there is none.
    package var firstLine: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: prefix(first(UInt8(ascii: "\n")).map { $0 + 1 } ?? count))
    }

    /// Calls `body` with each line, without its LF. The last line needs no LF.
    package func forEachLine(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        var rest = self
        while !rest.isEmpty {
            let length = rest.first(UInt8(ascii: "\n")) ?? rest.count
            try body(UnsafeRawBufferPointer(rebasing: rest.prefix(length)))
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(length + 1))
        }
    }

    /// Returns the position of the first occurrence of these bytes, or `nil` if there is none.
    func first(_ byte: UInt8) -> Int? {
        guard let start = baseAddress else { return nil }
        return memchr(start, CInt(byte), count).map { UnsafeRawPointer($0) - start }
    }
}
