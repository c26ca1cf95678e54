import Tables
import Testing
import Webhooks

@Suite struct PointerColumnTests {
    @Test(arguments: [
        ("amount decimal(18,2) /data/amount", "amount", ColumnType.decimal(precision: 18, scale: 2), "/data/amount"),
        ("amount Decimal(38, 38) /a", "amount", .decimal(precision: 38, scale: 38), "/a"),
        ("n integer /", "n", .integer, "/"), ("_1 TEXT /a b/c=d ", "_1", .text, "/a b/c=d "),
        ("x  json  /data/lines/0", "x", .json, "/data/lines/0"), ("b boolean /b", "b", .boolean, "/b"),
        ("d date /d", "d", .date, "/d"), ("t timestamp /t~1u", "t", .timestamp, "/t~1u"),
    ])
    func aColumnHasAName(_ text: String, _ name: String, _ type: ColumnType, _ pointer: String) throws {
        let column = try PointerColumn(text)
        #expect(column.name == name && column.type == type && column.pointer.description == pointer)
        #expect(try PointerColumn(column.description) == column)
    }

    @Test(arguments: [
        ("", "no JSON pointer"), ("amount", "no JSON pointer"), ("amount text data", "no JSON pointer"),
        ("amount /data/amount", "no type"), ("/data/amount", "its name"), ("1x text /a", "its name"),
        ("a-b text /a", "its name"), ("é text /a", "its name"),
        (String(repeating: "n", count: 64) + " text /a", "its name"), ("a float /a", #""float" is not a type"#),
        ("a decimal /a", "is not a type"), ("a decimal(39,2) /a", "is not a type"),
        ("a decimal(0,0) /a", "is not a type"),
        ("a decimal(2,3) /a", "is not a type"), ("a decimal(2) /a", "is not a type"), ("a text /a~2", "~"),
    ])
    func aWrongColumnIsRefused(_ text: String, _ cause: String) throws {
        let error = #expect(throws: JSONPointerError.self) { try PointerColumn(text) }
        #expect(error?.description.contains(cause) == true, "\(String(describing: error))")
    }

    @Test(arguments: [["id text /a"], ["PAYLOAD json /a"], ["a text /a", "A text /b"]])
    func twoColumnsOfOneNameAreRefused(_ columns: [String]) throws {
        let columns = try columns.map { try PointerColumn($0) }
        let error = #expect(throws: JSONPointerError.self) { try TableColumns(columns) }
        #expect(error?.description.contains("another column") == true)
    }
}
