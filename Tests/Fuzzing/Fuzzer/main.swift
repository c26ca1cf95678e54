import CLibFuzzer
import FuzzTargets
import Glibc

// daybook-fuzzer TARGET [libFuzzer's options and corpora]. Only .ci/fuzz builds it, since it needs instrumentation.
guard CommandLine.arguments.count > 1, let chosen = FuzzTarget(rawValue: CommandLine.arguments[1]) else {
    fatalError("name one target of: \(FuzzTarget.allCases.map(\.rawValue).joined(separator: " "))")
}
/// The target of this process. It is global, since the function that C calls cannot capture anything.
let target = chosen

var count = CommandLine.argc - 1
// libFuzzer treats the first argument as the program's name.
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
