/// Values of one column, as Apache Arrow lays them out in memory (https://arrow.apache.org/docs/format/Columnar.html), except
/// that a boolean is one byte.
struct ColumnBuffer: Sendable {
    let type: ColumnType
    private(set) var count = 0
    /// A bit for each value, from the lowest of each byte on: 1 unless the value is NULL.
    private(set) var validity: [UInt8] = []
    /// For text, where each value begins in `bytes`, and where the last ends. Otherwise empty.
    private(set) var offsets: [Int32]
    private(set) var bytes: [UInt8] = []

    init(_ type: ColumnType) {
        self.type = type
        offsets = type.width == nil ? [0] : []
    }

    mutating func appendNull() {
        if let width = type.width { bytes += repeatElement(0, count: width) }
        end(isNull: true)
    }

    mutating func append(text: String?) {
        guard var text else { return appendNull() }
        text.withUTF8 { append(text: UnsafeRawBufferPointer($0)) }
    }

    mutating func append(text: UnsafeRawBufferPointer) {
        bytes += text
        end(isNull: false)
    }

    /// Appends a number of exactly the width of the column.
    mutating func append(_ value: some FixedWidthInteger) {
        assert(value.bitWidth == type.width.map { 8 * $0 }, "a value of \(type) has another width")
        withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
        end(isNull: false)
    }

    /// Appends a value of another column of the same type.
    mutating func append(row: Int, of other: ColumnBuffer) {
        if other.validity[row >> 3] >> (row & 7) & 1 == 0 { return appendNull() }
        if let width = type.width {
            bytes += other.bytes[row * width..<(row + 1) * width]
        } else {
            bytes += other.bytes[Int(other.offsets[row])..<Int(other.offsets[row + 1])]
        }
        end(isNull: false)
    }

    private mutating func end(isNull: Bool) {
        if count & 7 == 0 { validity.append(0) }
        if !isNull { validity[count >> 3] |= 1 << (count & 7) }
        if type.width == nil { offsets.append(Int32(bytes.count)) }
        count += 1
    }
}
