import CLibFuzzer
import FuzzTargets
import Glibc

// daybook-fuzzer TARGET [libFuzzer's options and corpora]: built by .ci/fuzz alone, since it needs its instruments.
guard CommandLine.arguments.count > 1, let chosen = FuzzTarget(rawValue: CommandLine.arguments[1]) else {
    fatalError("name one of: \(FuzzTarget.allCases.map(\.rawValue).joined(separator: " "))")
}
/// Of the one target of this process, for a function that C calls, and that captures nothing.
let target = chosen

var count = CommandLine.argc - 1
// libFuzzer takes the first for the program's name.
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv + 1
let status = LLVMFuzzerRunDriver(&count, &arguments) { bytes, size in
    do {
        try target.check(Array(UnsafeBufferPointer(start: bytes, count: size)))
        return 0
    } catch {
        fatalError("\(target.rawValue): \(error)")
    }
}
exit(status)
