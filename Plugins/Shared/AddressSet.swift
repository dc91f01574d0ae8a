public import PosternSDK

/// Networks, ready to be searched: disjoint ranges of addresses in order.
public struct AddressSet: Sendable {
    private var firsts: [UInt128] = []
    private var lasts: [UInt128] = []

    /// Whether no network is in it.
    public var isEmpty: Bool { self.firsts.isEmpty }

    /// - Parameters:
    ///   - networks: `10.0.0.0/8`, `2001:db8::/32`, or single addresses.
    ///   - text: More of them, one a line; `#` begins a comment.
    /// - Throws: ``ConfigProblem`` with the first that is none.
    public init(_ networks: [String], at pointer: String, text: String?, at textPointer: String)
        throws(ConfigProblem)
    {
        var ranges: [(first: UInt128, last: UInt128)] = []
        for (index, network) in networks.enumerated() {
            guard let range = Self.range(network) else {
                throw ConfigProblem("\(pointer)/\(index)", Self.message(network))
            }
            ranges.append(range)
        }
        for (line, whole) in numberedLines(of: text ?? "") {
            let bytes = Array(whole.utf8.prefix { $0 != 0x23 })
            let network = String(decoding: bytes[bytes.span.trimmedRange], as: UTF8.self)
            if network.isEmpty { continue }
            guard let range = Self.range(network) else {
                throw ConfigProblem(textPointer, "line \(line) \(Self.message(network))")
            }
            ranges.append(range)
        }
        ranges.sort { $0.first < $1.first }
        for range in ranges {
            if let last = self.lasts.last, last == .max || range.first <= last + 1 {
                self.lasts[self.lasts.count - 1] = max(last, range.last)
            } else {
                self.firsts.append(range.first)
                self.lasts.append(range.last)
            }
        }
    }

    private static func message(_ network: String) -> String {
        "must be an address or a network like 10.0.0.0/8 or 2001:db8::/32, got '\(network)'"
    }

    /// Bits behind the prefix do not count: `10.1.2.3/8` is `10.0.0.0/8`.
    private static func range(_ network: String) -> (first: UInt128, last: UInt128)? {
        let bytes = Array(network.utf8)
        let text = bytes.span
        let slash = text.firstIndex(of: 0x2F)
        let colon = text.firstIndex(of: 0x3A)
        let isVersion6 = colon < slash && text.firstIndex(of: 0x3A, from: colon + 1) < slash
        // A port has no business here.
        guard isVersion6 ? text[0] != 0x5B : colon == text.count,
            let address = IPAddress(text.extracting(0..<slash))
        else { return nil }
        if slash == text.count { return (address.bits, address.bits) }
        let most = isVersion6 ? 128 : 32
        guard text.count - slash <= 4, let length = text.extracting((slash + 1)..<text.count).decimal,
            length <= most
        else { return nil }
        let free = UInt128(most - length)
        let hosts: UInt128 = free == 128 ? .max : (1 << free) - 1
        return (address.bits & ~hosts, address.bits | hosts)
    }

    /// Whether `address` is in one of the networks.
    ///
    /// - Complexity: O(log *n*) in the networks.
    public func contains(_ address: IPAddress) -> Bool {
        var (low, high) = (0, self.firsts.count)
        while low < high {
            let middle = (low + high) / 2
            if self.firsts[middle] <= address.bits { low = middle + 1 } else { high = middle }
        }
        return low > 0 && address.bits <= self.lasts[low - 1]
    }
}
