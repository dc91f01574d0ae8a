import Foundation
import Opa
import PluginNet
import TestSupport
import Testing

@Suite(.ownThread) struct ClientPoolTests {
    @Test("Threads call at the same time, each on a connection of its own, and connections are used again")
    func threads() throws {
        let backend = try RawBackend()
        let gate = Gate()
        backend.on("/slow") { connection, head in
            _ = try connection.finish(head)
            try gate.wait()
            try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            return true
        }
        let url = try #require(HTTPURL("http://\(backend.address)/slow"))
        let pool = ClientPool { HTTPClient(url, timeout: .seconds(20)) }
        let done = DispatchGroup()
        for _ in 0..<3 {
            done.enter()
            Thread.detachNewThread {
                _ = try? pool.send { client throws(NetError) in try client.send("GET") }
                done.leave()
            }
        }
        #expect(eventually { backend.connections.count == 3 })
        gate.open()
        done.wait()
        for _ in 0..<5 {
            let answer = try pool.send { client throws(NetError) in try client.send("GET") }
            #expect(answer.status == 200)
        }
        #expect(backend.connections.count == 3)
    }
}
