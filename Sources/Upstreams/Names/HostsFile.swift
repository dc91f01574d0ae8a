internal import GatewayConfig
internal import Reactor

/// A file in the form of `/etc/hosts`: a line is an address and the names that it has.
struct HostsFile {
    /// What a larger file has is not read, in bytes.
    static let limit = 1 << 20

    /// By name in small letters, in the order of the file.
    private var addresses: [String: [HostAddress]] = [:]

    /// Lines that are none are skipped, as everybody who reads such files does.
    init(_ bytes: [UInt8]) {
        for line in bytes.split(separator: 0x0A) {
            let content = line.prefix { $0 != 0x23 }
            let words = content.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
            guard let first = words.first,
                let address = HostAddress(text: String(decoding: first, as: UTF8.self))
            else { continue }
            for word in words.dropFirst() {
                self.addresses[Self.key(String(decoding: word, as: UTF8.self)), default: []].append(address)
            }
        }
    }

    /// Reads the file at `path`; one that is not there has no names.
    ///
    /// Blocks for as long as the disk takes.
    static func read(_ path: String) -> HostsFile {
        guard case .success(let bytes) = FileContents.read(path, limit: Self.limit) else {
            return HostsFile([])
        }
        return HostsFile(bytes)
    }

    /// The addresses of a name, each once; nil when the file does not have the name.
    subscript(name: String) -> [HostAddress]? {
        guard let all = self.addresses[Self.key(name)] else { return nil }
        var seen: Set<HostAddress> = []
        return all.filter { seen.insert($0).inserted }
    }

    private static func key(_ name: String) -> String {
        let folded = name.lowercased()
        return folded.hasSuffix(".") ? String(folded.dropLast()) : folded
    }
}

extension HostAddress {
    /// Reads `127.0.0.1` or `::1`.
    init?(text: String) {
        switch ListenAddress("\(text):1") ?? ListenAddress("[\(text)]:1") {
        case .ipv4(let address, _)?: self = .ipv4(address)
        case .ipv6(let high, let low, _)?: self = .ipv6(high: high, low: low)
        default: return nil
        }
    }

    /// The address with a port.
    func at(port: UInt16) -> ListenAddress {
        switch self {
        case .ipv4(let address): .ipv4(address, port: port)
        case .ipv6(let high, let low): .ipv6(high: high, low: low, port: port)
        }
    }
}
