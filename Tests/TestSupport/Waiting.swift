internal import Glibc

/// Waits until something is so; gives up after a minute.
package func waitUntil(line: Int = #line, _ condition: () throws -> Bool) throws {
    for _ in 0..<12_000 {
        if try condition() { return }
        usleep(5_000)
    }
    throw WaitedInVain(line: line)
}

package struct WaitedInVain: Error { let line: Int }
