/// How often an event is sent again, and after which time.
package struct RetryPolicy: Sendable {
    /// The most attempts after the first.
    package var retries = 8
    /// The time before the second attempt. It doubles with each further one.
    package var firstDelay = Duration.milliseconds(500)
    /// The longest time between two attempts.
    package var longestDelay = Duration.seconds(300)
    /// The longest wait that a target may ask for.
    package var longestAskedDelay = Duration.seconds(3600)

    package init() {}

    /// Returns the time before the next attempt: between half of the full delay and all of it, so that the retries of many
    /// events do not coincide; or what the target asks for, if that is longer.
    ///
    /// - Parameter attempt: The number of attempts so far, at least 1.
    func delay(
        afterAttempt attempt: Int, asked: Duration? = nil, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        let full = min(firstDelay * (1 << min(attempt - 1, 30)), longestDelay)
        let delay = full * Double.random(in: 0.5...1, using: &generator)
        return max(delay, min(asked ?? .zero, longestAskedDelay))
    }
}
