internal import PluginNet
internal import PluginSupport
internal import PosternSDK

/// Where messages go, and how.
struct SyslogDestination: Sendable {
    let address: BackendAddress
    let tls: TLSClient?
    let timeout: Duration
    /// Whether they are a stream, each with its length before it (RFC 6587); else datagrams.
    let countsOctets: Bool

    init(_ config: Syslog.Config) throws {
        let isStream: Bool
        switch config.transport ?? (config.tls == nil ? "udp" : "tcp") {
        case "udp": isStream = false
        case "tcp": isStream = true
        default: throw ConfigProblem("/transport", "must be udp or tcp, got '\(config.transport ?? "")'")
        }
        if config.tls != nil, !isStream { throw ConfigProblem("/tls", "needs 'transport: tcp'") }
        self.countsOctets = isStream
        self.address = try BackendAddress(
            configText: config.address, defaultPort: config.tls == nil ? 514 : 6514, at: "/address")
        self.tls = try config.tls.map { try TLSClient($0) }
        self.timeout = try Duration(timeout: config.timeout)
    }
}

/// The connection to the server: made when it is needed, and anew after an error.
struct SyslogTransport {
    private let destination: SyslogDestination
    private var connection: Connection?
    private var socket: DatagramSocket?

    init(_ destination: SyslogDestination) { self.destination = destination }

    mutating func send(datagram: [UInt8]) throws(NetError) {
        let deadline = Deadline(in: self.destination.timeout)
        do throws(NetError) {
            let socket: DatagramSocket
            if let kept = self.socket {
                socket = kept
            } else {
                socket = try DatagramSocket(to: self.destination.address, until: deadline)
                self.socket = socket
            }
            try socket.send(datagram, until: deadline)
        } catch {
            if error.code != .malformed { self.socket = nil }
            throw error
        }
    }

    mutating func send(stream: [UInt8]) throws(NetError) {
        let deadline = Deadline(in: self.destination.timeout)
        // A server says nothing; one that has closed would take no more than the system's buffers.
        if let kept = self.connection, !kept.isQuiet { self.connection = nil }
        do throws(NetError) {
            let connection: Connection
            if let kept = self.connection {
                connection = kept
            } else {
                connection = try Connection(
                    to: self.destination.address, tls: self.destination.tls, until: deadline)
                self.connection = connection
            }
            try connection.write(stream, until: deadline)
        } catch {
            self.connection = nil
            throw error
        }
    }
}
