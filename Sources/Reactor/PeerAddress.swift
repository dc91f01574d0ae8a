internal import CLinux
internal import Glibc
public import Primitives

/// The other end of an accepted connection; has no address when that came by a Unix socket.
public struct PeerAddress: Sendable, Hashable {
    public let ip: IPAddress?
    public let port: UInt16

    public init(ip: IPAddress?, port: UInt16) {
        self.ip = ip
        self.port = port
    }

    init(_ peer: postern_peer) {
        switch peer.family {
        case AF_INET: self.init(ip: IPAddress(ipv4: peer.ipv4), port: peer.port)
        case AF_INET6:
            let ip = IPAddress(high: UInt64(bigEndian: peer.ipv6.0), low: UInt64(bigEndian: peer.ipv6.1))
            self.init(ip: ip, port: peer.port)
        default: self.init(ip: nil, port: 0)
        }
    }
}
