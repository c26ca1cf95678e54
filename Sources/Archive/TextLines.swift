internal import Glibc

extension UnsafeRawBufferPointer {
    /// The bytes up to the first LF, and with it; all of them where there is none.
    package var firstLine: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: prefix(first(UInt8(ascii: "\n")).map { $0 + 1 } ?? count))
    }

    /// Calls `body` with each line, without its LF; the last one needs none.
    package func forEachLine(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        var rest = self
        while !rest.isEmpty {
            let length = rest.first(UInt8(ascii: "\n")) ?? rest.count
            try body(UnsafeRawBufferPointer(rebasing: rest.prefix(length)))
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(length + 1))
        }
    }

    /// The position of the first of these bytes; nil if there is none.
    func first(_ byte: UInt8) -> Int? {
        guard let start = baseAddress else { return nil }
        return memchr(start, CInt(byte), count).map { UnsafeRawPointer($0) - start }
    }
}
