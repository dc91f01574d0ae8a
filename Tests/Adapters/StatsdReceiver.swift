import Foundation
import TestSupport

/// A StatsD daemon that takes exactly what the protocol allows, and counts as one does.
final class StatsdReceiver {
    struct Malformed: Error, CustomStringConvertible { let description: String }

    let address: String
    private let descriptor: Int32
    private let hasTags: Bool
    private var lines: [String] = []
    private(set) var counts: [String: Double] = [:]
    private(set) var gauges: [String: Double] = [:]
    /// How many samples there were, rates reckoned in.
    private(set) var timings: [String: Double] = [:]
    /// Of datagrams.
    private(set) var longest = 0

    /// - Parameter tags: DogStatsD's `|#name:value,…` and `h` are allowed.
    init(tags: Bool = false) throws {
        self.hasTags = tags
        self.descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = self.descriptor
        withUnsafeMutablePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(descriptor, $0, size)
                _ = getsockname(descriptor, $0, &size)
            }
        }
        self.address = "127.0.0.1:\(UInt16(bigEndian: place.sin_port))"
    }

    deinit { close(self.descriptor) }

    /// The next lines, when they have all come.
    func next(_ count: Int) throws -> [String] {
        while self.lines.count < count {
            var poller = pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&poller, 1, 20_000) > 0 else {
                throw Malformed(description: "only \(self.lines) came")
            }
            var buffer = [UInt8](repeating: 0, count: 70_000)
            let size = recv(self.descriptor, &buffer, buffer.count, 0)
            self.longest = max(self.longest, size)
            for line in String(decoding: buffer.prefix(max(size, 0)), as: UTF8.self).components(
                separatedBy: "\n")
            {
                try self.take(line)
                self.lines.append(line)
            }
        }
        defer { self.lines.removeFirst(count) }
        return Array(self.lines.prefix(count))
    }

    private func take(_ line: String) throws {
        let plain =
            #/([A-Za-z0-9_.-]+):([+-]?[0-9.]+(?:e[+-]?[0-9]+)?)\|(c|g|ms|h)(?:\|@([0-9.e-]+))?(\|\#[^|\n]+)?/#
        guard let match = line.wholeMatch(of: plain), let value = Double(match.2),
            self.hasTags || (match.5 == nil && match.3 != "h")
        else { throw Malformed(description: "'\(line)'") }
        let name = String(match.1)
        let rate = match.4.flatMap { Double($0) } ?? 1
        guard rate > 0, rate <= 1 else { throw Malformed(description: "rate of '\(line)'") }
        switch match.3 {
        case "c": self.counts[name, default: 0] += value / rate
        case "g":
            let isChange = !self.hasTags && (match.2.hasPrefix("+") || match.2.hasPrefix("-"))
            self.gauges[name] = isChange ? (self.gauges[name] ?? 0) + value : value
        default: self.timings[name, default: 0] += 1 / rate
        }
    }
}
