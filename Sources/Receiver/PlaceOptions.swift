internal import ArgumentParser
internal import Configuring

struct PlaceOptions: ParsableArguments {
    @Option(help: "The spool folder, which is created if it does not exist. (default: spool)")
    var spool: String?

    @Option(help: "The address and port to listen on; port 0 is any free port. (default: 127.0.0.1:8080)")
    var listen: ListenAddress?

    @Option(help: "A JSON file of settings.")
    var config: String?

    @Option(help: "The request header with the sender's id of the event, which is stored beside the payload.")
    var idHeader: String?

    @Option(help: "Another request header to store. May be repeated.")
    var keepHeader: [String] = []
}
