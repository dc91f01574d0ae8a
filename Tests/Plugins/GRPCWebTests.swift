internal import Filtering
internal import TestSupport
internal import Testing

@Suite struct GRPCWebTests {
    private func plugin() throws -> PluginUnderTest { try PluginUnderTest("grpc-web", "{}") }

    private func begin(_ plugin: PluginUnderTest, _ type: String) -> FilterAction {
        plugin.request(
            [("content-type", type), ("x-grpc-web", "1")], method: "POST", path: "/a.B/C", body: true)
    }

    @Test(
        "A call becomes gRPC's, with the subtype it had",
        arguments: [
            ("application/grpc-web+proto", "application/grpc+proto"),
            ("application/grpc-web", "application/grpc"),
            ("application/grpc-web-text", "application/grpc"),
            ("application/grpc-web-text+proto", "application/grpc+proto"),
        ])
    func head(web: String, grpc: String) throws {
        let plugin = try self.plugin()
        #expect(self.begin(plugin, web) == .continue)
        #expect(plugin.stream.request.pairs == [["content-type", grpc], ["te", "trailers"]])
    }

    @Test(
        "What is not gRPC-Web stays as it is",
        arguments: ["application/grpc", "application/grpc-webby", "text/html"])
    func others(type: String) throws {
        let plugin = try self.plugin()
        #expect(self.begin(plugin, type) == .continue)
        #expect(plugin.stream.request.pairs == [["content-type", type], ["x-grpc-web", "1"]])
        #expect(plugin.response([("content-type", type)], body: true) == .continue)
        #expect(plugin.stream.response.pairs == [["content-type", type]])
        #expect(plugin.responseBody(Array("abc".utf8)) == .continue)
        #expect(plugin.stream.replacedBodies.isEmpty)
    }

    @Test("Text is decoded however it is cut, padding in the middle included")
    func text() throws {
        let whole = Array("AAAAAAE=AAAAAAI=AAECAwQF".utf8)
        let bytes: [UInt8] = [0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 1, 2, 3, 4, 5]
        for cut in 0...whole.count {
            let plugin = try self.plugin()
            #expect(self.begin(plugin, "application/grpc-web-text") == .continue)
            #expect(plugin.requestBody(Array(whole[..<cut]), endOfStream: false) == .continue)
            #expect(plugin.requestBody(Array(whole[cut...])) == .continue)
            #expect(plugin.stream.replacedBodies.flatMap { $0 } == bytes, "cut at \(cut)")
        }
    }

    @Test(
        "Text that is no base64, or that ends in the middle, is refused", arguments: ["!!!!", "AAA", "AA=A"])
    func malformed(text: String) throws {
        let plugin = try self.plugin()
        _ = self.begin(plugin, "application/grpc-web-text")
        #expect(plugin.requestBody(Array(text.utf8)) == .responded)
        #expect(plugin.stream.responses.map(\.status) == [400])
    }

    @Test("The trailers are the last frame of the body, and there are none behind it")
    func trailers() throws {
        let frame: [UInt8] = [0x80, 0, 0, 0, 15] + Array("grpc-status:0\r\n".utf8)
        let plugin = try self.plugin()
        _ = self.begin(plugin, "application/grpc-web+proto")
        #expect(plugin.response([("content-type", "application/grpc+proto")], body: true) == .continue)
        #expect(plugin.stream.response.pairs == [["content-type", "application/grpc-web+proto"]])
        #expect(plugin.stream.bodyChangesAnnounced == [.response])
        #expect(plugin.responseBody([0, 0, 0, 0, 0], endOfStream: false) == .continue)
        plugin.stream.add([("Grpc-Status", "0")], to: plugin.stream.responseTrailers)
        #expect(plugin.responseBody([]) == .continue)
        #expect(plugin.stream.replacedBodies.last == frame)
        #expect(plugin.responseTrailers() == .continue)
        #expect(plugin.stream.responseTrailers.count == 0)
    }

    @Test("For text each piece is encoded by itself, so that none waits for the next")
    func textResponse() throws {
        let plugin = try self.plugin()
        _ = self.begin(plugin, "application/grpc-web-text")
        #expect(plugin.response([("content-type", "application/grpc")], body: true) == .continue)
        #expect(plugin.stream.response.pairs == [["content-type", "application/grpc-web-text"]])
        #expect(plugin.responseBody([0, 0, 0, 0, 0], endOfStream: false) == .continue)
        #expect(plugin.stream.replacedBodies.last == Array("AAAAAAA=".utf8))
    }

    @Test("A response in trailers only has its status in the head; one that is not gRPC's is left alone")
    func withoutBody() throws {
        let plugin = try self.plugin()
        _ = self.begin(plugin, "application/grpc-web")
        #expect(plugin.response([("content-type", "application/grpc"), ("grpc-status", "5")]) == .continue)
        #expect(
            plugin.stream.response.pairs == [
                ["content-type", "application/grpc-web"], ["grpc-status", "5"],
            ])
        #expect(plugin.stream.bodyChangesAnnounced.isEmpty)
        plugin.startOver()
        _ = self.begin(plugin, "application/grpc-web")
        #expect(plugin.response([("content-type", "text/html")], status: 503, body: true) == .continue)
        #expect(plugin.stream.response.pairs == [["content-type", "text/html"]])
    }

    @Test("It has nothing to configure")
    func configuration() {
        #expect(PluginUnderTest.problems("grpc-web", "{}").isEmpty)
        #expect(PluginUnderTest.problems("grpc-web", #"{ "text": true }"#).contains("text"))
    }
}
