internal import PluginNet

/// Brings packets of lines to the daemon; connects when it has to.
public struct StatsdSender {
    /// How.
    public enum Transport: String, Decodable, Sendable {
        /// Datagrams, over UDP or a Unix socket.
        case udp
        /// A connection, over TCP or a Unix socket.
        case tcp
    }

    private let address: BackendAddress
    private let transport: Transport
    private let timeout: Duration
    private var datagrams: DatagramSocket?
    private var connection: Connection?
    private var deadline: Deadline

    init(_ address: BackendAddress, _ transport: Transport, _ timeout: Duration) {
        self.address = address
        self.transport = transport
        self.timeout = timeout
        self.deadline = Deadline(in: timeout)
    }

    /// Connects, if it is not connected; then there is time for all that is sent until the next call.
    ///
    /// - Throws: ``NetError``
    mutating func begin() throws(NetError) {
        self.deadline = Deadline(in: self.timeout)
        switch self.transport {
        case .udp:
            if self.datagrams == nil {
                self.datagrams = try DatagramSocket(to: self.address, until: self.deadline)
            }
        case .tcp:
            if self.connection?.isQuiet != true {
                self.connection = try Connection(to: self.address, until: self.deadline)
            }
        }
    }

    /// Sends lines, each with its end.
    ///
    /// - Parameter most: Bytes of a datagram; lines are not cut.
    /// - Throws: ``NetError``; the next ``begin()`` connects anew.
    mutating func send(_ lines: [UInt8], most: Int) throws(NetError) {
        do throws(NetError) {
            try self.connection?.write(lines, until: self.deadline)
            if self.datagrams == nil { return }
            for packet in Self.packets(lines, most) { try self.datagrams?.send(packet, until: self.deadline) }
        } catch {
            self.datagrams = nil
            self.connection = nil
            throw error
        }
    }

    /// Whole lines, as many as fit, without the last one's end.
    private static func packets(_ lines: [UInt8], _ most: Int) -> [[UInt8]] {
        if lines.count <= most { return [Array(lines.dropLast())] }
        var packets: [[UInt8]] = [[]]
        for line in lines.split(separator: 0x0A) {
            let last = packets.count - 1
            if packets[last].isEmpty {
                packets[last] += line
            } else if packets[last].count + 1 + line.count <= most {
                packets[last].append(0x0A)
                packets[last] += line
            } else {
                packets.append(Array(line))
            }
        }
        return packets
    }
}
