internal import Primitives
internal import Telemetry

/// What is told of a connection that carries no requests.
struct ConnectionFacts {
    /// What has happened to it, as `connection.event` says it.
    enum Event {
        /// It was given to a service.
        case open
        /// Bytes have passed since.
        case `continue`
        /// It is over.
        case close

        var name: StaticString {
            switch self {
            case .open: "open"
            case .continue: "continue"
            case .close: "close"
            }
        }
    }

    let event: Event
    let connection: ServerConnection
    let record: ExchangeRecord
    /// Why it ended.
    var details = ""
    var service = ""
    var route = ""
    /// Address and port of the endpoint, until the report has been made.
    var upstreamAddress = ByteView.empty
    /// Bytes from the client, and to it, since the last event.
    var received: UInt64 = 0
    var sent: UInt64 = 0

    init(_ event: Event, _ connection: ServerConnection, _ record: ExchangeRecord) {
        self.event = event
        self.connection = connection
        self.record = record
    }
}
