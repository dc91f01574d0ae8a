internal import Foundation
internal import Reactor
internal import TestSupport
internal import Testing
@testable internal import DataPlane
@testable internal import Reactor
@testable internal import Upstreams

/// Sends a body on a stream of HTTP/2 as far as the windows allow.
final class WindowedSender {
    private let client: RawHTTP2
    private let stream: UInt32
    private let total: Int
    private(set) var sent = 0

    init(_ client: RawHTTP2, _ stream: UInt32, total: Int) throws {
        self.client = client
        self.stream = stream
        self.total = total
        try client.read { client.setting(4) != nil }
    }

    /// What WINDOW_UPDATE frames have added for `stream`.
    private func opened(_ stream: UInt32) -> Int {
        self.client.frames.filter { $0.hasPrefix("WINDOW_UPDATE \(stream) ") }
            .compactMap { Int($0.split(separator: " ")[2]) }.reduce(0, +)
    }

    private var room: Int {
        let first = Int(self.client.setting(4) ?? 65_535)
        return min(first + self.opened(self.stream), 65_535 + self.opened(0)) - self.sent
    }

    /// Nothing more may be sent now.
    var isStopped: Bool { self.room == 0 || self.sent == self.total }

    /// Sends, and reads what comes, while `condition` holds.
    func send(while condition: () -> Bool) throws {
        let deadline = Date(timeIntervalSinceNow: 20)
        while condition() {
            try #require(Date() < deadline)
            while self.client.connection.hasInput() { try self.client.readFrame() }
            let count = min(16_384, self.room, self.total - self.sent)
            if count > 0 {
                self.sent += count
                try self.client.send(
                    HTTP2Frames.frame(
                        0, flags: self.sent == self.total ? 1 : 0, stream: self.stream,
                        [UInt8](repeating: 0x78, count: count)))
            } else {
                _ = self.client.connection.hasInput(within: 5)
            }
        }
    }
}

extension WorkerUnderTest {
    /// Connects to a listener and speaks HTTP/2 from the first byte on.
    func connectHTTP2(_ address: String? = nil, opensWindows: Bool = true) throws -> RawHTTP2 {
        try RawHTTP2(try self.connect(address), opensWindows: opensWindows)
    }

    /// Whether the first connection to the first service is not read.
    var isServicePaused: Bool {
        self.onWorker { $0.snapshot?.pools[0].connections.first?.isReadingPaused } == true
    }
}
