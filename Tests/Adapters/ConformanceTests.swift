import Denier
import File
import Foundation
import PosternTestKit
import TestSupport
import Testing

/// The SDK's suite, run over adapters that come with Postern.
@Suite struct ConformanceTests {
    @Test(
        "The file adapter conforms; its file is there or its folder has gone",
        arguments: AdapterBehaviour.allCases)
    func file(_ behaviour: AdapterBehaviour) throws {
        let folder = try TemporaryFolder()
        let (place, away) = (folder.file("log"), folder.file("away"))
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: false)
        let path = place.appendingPathComponent("lines").path
        let suite = AdapterSuite(
            File.self, #"{ "path": "\#(path)" }"#,
            refused: [
                #"{ "path": "lines" }"#: "/path", #"{ "path": "\#(path)", "keep": 0 }"#: "/keep",
                #"{ "path": "\#(path)", "line": "x" }"#: "/line", #"{ "path": 7 }"#: "/path",
            ],
            backend: AdapterBackend(
                .exactlyOnce,
                arrived: {
                    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
                    return text.split(separator: "\n").map(String.init)
                },
                stop: { try FileManager.default.moveItem(at: place, to: away) },
                start: { try FileManager.default.moveItem(at: away, to: place) }))
        #expect(suite.run(behaviour) == [])
    }

    @Test("The denier conforms")
    func denier() {
        let suite = AdapterSuite(
            DenierAdapter.self, #"{ "message": "closed" }"#,
            refused: [#"{ "validUses": 0 }"#: "/validUses", #"{ "code": "ok" }"#: "/code"])
        #expect(suite.run() == [])
    }
}
