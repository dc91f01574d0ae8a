import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// What rules are told of connections that carry no requests.
    @Suite struct ConnectionRulesTests {
        private let folder: TemporaryFolder
        private let proxy: ProxyProcess
        private let backend: RawBackend

        init() throws {
            let folder = try TemporaryFolder()
            self.folder = folder
            self.backend = try RawBackend()
            self.backend.onConnection { connection in
                while case let bytes = try connection.readSome(), !bytes.isEmpty {
                    try connection.send(bytes + bytes)
                }
            }
            func handler(_ name: String) -> String {
                """
                { name: \(name), adapter: file, batch: { interval: 20ms }, config: {
                    path: "\(folder.file(name).path)",
                    columns: [id, event, received, sent, total, path] } }
                """
            }
            self.proxy = try ProxyProcess(
                """
                listeners: [{ name: public, address: "127.0.0.1:0", protocol: tcp }]
                tcpRoutes: [{ name: all, listeners: [public], rules: [{ service: backend }] }]
                services: [{ name: backend, endpoints: ["\(self.backend.address)"] }]
                mixer:
                  handlers:
                    - \(handler("ends"))
                    - \(handler("events"))
                  instances:
                    - name: line
                      template: logentry
                      params:
                        variables:
                          id: connection.id
                          event: connection.event
                          received: connection.received.bytes
                          sent: connection.sent.bytes
                          total: connection.received.bytes_total
                          path: request.path
                  rules:
                    - actions: [{ handler: ends, instances: [line] }]
                    - match: connection.event != ""
                      actions: [{ handler: events, instances: [line] }]
                """, folder: folder)
        }

        private struct Line: Decodable {
            let id: Int
            let event: String?
            let received: Int
            let sent: Int
            let total: Int
            let path: String?
        }

        /// Of the last connection: there is one before, which found out that the gateway listens.
        private func lines(_ name: String) -> [Line] {
            let all = self.folder.text(of: name).split(separator: "\n").compactMap {
                try? JSONDecoder().decode(Line.self, from: Data($0.utf8))
            }
            let last = all.map(\.id).max()
            return all.filter { $0.id == last }
        }

        @Test("A rule sees a connection's end, and all that happens to it when it asks for events")
        func events() throws {
            let client = try self.proxy.connect()
            try client.send("abc")
            #expect(try client.read(6).count == 6)
            #expect(eventually { self.lines("events").map(\.event) == ["open", "continue"] })
            try client.send("de")
            #expect(try client.read(4).count == 4)
            client.socket.endWriting()
            _ = try client.readToEnd()
            #expect(eventually { self.lines("events").last?.event == "close" })
            #expect(eventually { self.lines("ends").first?.total == 5 })

            let events = self.lines("events")
            #expect(events.first?.event == "open")
            #expect(events.first?.received == 0)
            #expect(events[1].received == 3)
            #expect(events[1].sent == 6)
            #expect(events.map(\.received).reduce(0, +) == 5)
            #expect(events.map(\.sent).reduce(0, +) == 10)
            let end = try #require(self.lines("ends").first)
            #expect(end.event == "close")
            #expect(end.total == 5)
            #expect(end.path == nil)
        }
    }
}
