internal import Configuring
internal import Glibc

// A reader that has seen enough (`| head`) is not an error: the write fails with EPIPE, and the program exits with 0.
signal(SIGPIPE, SIG_IGN)
await Daybook.runAndExit(as: "daybook", status: exitStatus(for:))
