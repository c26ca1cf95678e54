internal import Settings

await ReceiverCommand.runAndExit(as: "daybook-receiver")
