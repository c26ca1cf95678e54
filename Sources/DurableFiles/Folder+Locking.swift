extension Folder {
    /// Runs `body` while this process holds the lock `name` in this folder. See ``FolderLock``.
    ///
    /// - Parameter purpose: What the lock is held for, as other processes report it.
    /// - Throws: ``FolderLock/Held`` if another process holds the lock; ``FileError`` if the lock file cannot be
    ///   created or opened; any error that `body` throws.
    package func withLock<Result>(
        named name: String, purpose: String, _ body: () throws -> Result
    ) throws -> Result {
        let lock = try FolderLock(self, name: name, purpose: purpose)
        return try withExtendedLifetime(lock) { try body() }
    }
}
