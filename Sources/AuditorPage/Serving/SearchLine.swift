/// A line of the results: an event, or the progress of the search.
struct SearchLine {
    var path, id, time, type, extract, progress: String?
}
