internal import Glibc

/// A socket's address as the kernel takes it.
struct ResolvedAddress {
    let family: Int32
    private let bytes: [UInt8]

    /// Every address that a name has, in the order of RFC 6724; one of a path.
    ///
    /// getaddrinfo(3) has timeouts of its own (resolv.conf) and heeds no deadline.
    static func all(of address: BackendAddress, type: __socket_type) throws(NetError) -> [ResolvedAddress] {
        switch address.place {
        case .path(let path): return [Self(path: path)]
        case .name(let host, let port):
            var hints = addrinfo()
            hints.ai_socktype = Int32(type.rawValue)
            hints.ai_flags = AI_NUMERICSERV
            var found: UnsafeMutablePointer<addrinfo>?
            let status = getaddrinfo(host, "\(port)", &hints, &found)
            guard status == 0 else {
                throw NetError(.noAddress, address, String(cString: gai_strerror(status)))
            }
            defer { freeaddrinfo(found) }
            var all: [ResolvedAddress] = []
            var next = found
            while let each = next?.pointee {
                // SAFETY: getaddrinfo's list lives until freeaddrinfo; `ai_addr` has `ai_addrlen` bytes.
                let bytes = UnsafeRawBufferPointer(start: each.ai_addr, count: Int(each.ai_addrlen))
                all.append(Self(family: each.ai_family, bytes: Array(bytes)))
                next = each.ai_next
            }
            return all
        }
    }

    private init(family: Int32, bytes: [UInt8]) {
        self.family = family
        self.bytes = bytes
    }

    private init(path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        self.family = AF_UNIX
        self.bytes = withUnsafeMutableBytes(of: &address) { whole in
            // BackendAddress has checked that it fits, with the zero behind it.
            let start = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
            for (index, byte) in path.utf8.enumerated() { whole[start + index] = byte }
            return Array(whole)
        }
    }

    /// What connect(2) returns for it.
    func connect(_ descriptor: Int32) -> Int32 {
        self.bytes.withUnsafeBytes { bytes in
            // SAFETY: the bytes are a socket address of the family; alignment is not asked for by the kernel,
            // and arrays have more than any such structure needs.
            Glibc.connect(
                descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
    }
}
