internal import ArchiveIndex
internal import ArgumentParser

/// Which events a command covers.
struct QueryOptions: ParsableArguments {
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var filter: FilterOptions

    var query: EventQuery { filter.query(selection.selection) }
}
