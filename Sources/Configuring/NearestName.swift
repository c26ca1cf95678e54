/// Returns the known name that a misspelled one is closest to, or `nil` if none is close.
///
/// The distance is the number of characters to insert, delete, or replace (Levenshtein), at most a third of the name's length.
func nearest(to name: String, among known: some Sequence<String>) -> String? {
    let candidates = known.map { (name: $0, distance: distance(name, $0)) }
    let nearest = candidates.min { ($0.distance, $0.name) < ($1.distance, $1.name) }
    return nearest.flatMap { $0.distance <= name.count / 3 ? $0.name : nil }
}

private func distance(_ a: String, _ b: String) -> Int {
    let b = Array(b)
    var row = Array(0...b.count)
    for (i, character) in a.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for j in b.indices {
            let replaced = diagonal + (character == b[j] ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
        }
    }
    return row[b.count]
}
