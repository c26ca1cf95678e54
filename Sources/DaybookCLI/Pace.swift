/// The rate of long work, and the time it still needs.
struct Pace {
    private let start = ContinuousClock.now

    /// - Parameter amount: Returns, in words, how much was done in a second.
    func words(_ done: Int, of total: Int, _ amount: (Int) -> String) -> String {
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        guard seconds > 1, done > 0, total >= done else { return "" }
        let left = Int(Double(total - done) * seconds / Double(done))
        let time = left < 100 ? "\(left) s" : left < 6000 ? "\(left / 60) min" : "\(left / 3600) h"
        return ", \(amount(Int(Double(done) / seconds)))/s, \(time) left"
    }
}
