internal import Glibc

extension Folder {
    /// Runs `body` while this process holds the lock `name` in this folder. See ``FolderLock``.
    ///
    /// - Parameters:
    ///   - purpose: What the lock is held for, as other processes report it.
    ///   - patience: How long to wait for another process to release the lock.
    /// - Throws: ``FolderLock/Held`` if another process still holds the lock after that time; ``FileError`` if the lock file cannot be
    ///   created or opened; any error that `body` throws.
    package func withLock<Result>(
        named name: String, purpose: String, waitingUpTo patience: Duration = .zero, _ body: () throws -> Result
    ) throws -> Result {
        let lock = try lock(named: name, purpose: purpose, until: .now + patience)
        return try withExtendedLifetime(lock) { try body() }
    }

    private func lock(named name: String, purpose: String, until deadline: ContinuousClock.Instant) throws -> FolderLock
    {
        while true {
            do {
                return try FolderLock(self, name: name, purpose: purpose)
            } catch let held as FolderLock.Held {
                guard ContinuousClock.now < deadline else { throw held }
                usleep(2000)
            }
        }
    }
}
