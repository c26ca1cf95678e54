internal import Configuring
internal import Glibc

// A reader that has seen enough (`| head`) is no error: the write tells, and the program ends well.
signal(SIGPIPE, SIG_IGN)
await Daybook.runAndExit(as: "daybook", status: exitStatus(for:))
