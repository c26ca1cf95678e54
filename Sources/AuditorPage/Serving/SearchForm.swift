/// The search form, and the values it was filled in with.
struct SearchForm {
    let query, from, to: String
    let places: [Place]
    let problem: String?
    let isSearching: Bool

    struct Place {
        let value, name: String
        let isChosen: Bool
    }
}
