internal import Configuring

await ReceiverCommand.runAndExit(as: "daybook-receiver")
