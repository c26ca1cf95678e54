internal import Archive
internal import ArchiveIndex
internal import Webhooks

extension [IndexedFile] {
    /// Returns the archive files and ledgers of one day by business.
    ///
    /// - Parameter state: Returns the state of a file, or `nil` to leave it out.
    func businessDays(_ state: (IndexedFile) throws -> GzipReference?) rethrows -> [Sealing.BusinessDay] {
        var businesses: [Business: Sealing.BusinessDay] = [:]
        for file in self {
            guard let state = try state(file) else { continue }
            var business = businesses[file.business] ?? .init(business: file.business, archive: nil, ledger: nil)
            if file.kind == .archives { business.archive = state } else { business.ledger = state }
            businesses[file.business] = business
        }
        return businesses.values.map { $0 }
    }
}
