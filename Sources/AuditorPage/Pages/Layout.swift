internal import Configuring

/// The layout around a page.
struct Layout {
    let title: String
    let auditor: String?
    /// The proof for the form that signs out, or `nil` for an auditor who came with a token.
    let proof: String?
    let hasTrail: Bool
    let trail: [Page.Crumb]
    let here: String
    let main: String

    init(_ page: Page, auditor: String?, proof: String?) {
        title = page.title
        self.auditor = auditor.map(VisibleText.line)
        self.proof = proof
        hasTrail = !page.trail.isEmpty
        trail = page.trail
        here = page.title
        main = page.main
    }
}
