import Apikey
import Denier
import Edge
import File
import Foundation
import Memquota
import PosternTestKit
import Prometheus
import Rbac
import Statsd
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

    @Test("Adapters that judge and count conform")
    func judges() {
        let memquota = AdapterSuite(
            MemquotaAdapter.self,
            #"{ "quotas": [{ "name": "suite", "max": 100, "per": "1s", "algorithm": "rolling" }] }"#)
        #expect(memquota.run() == [])
        let rbac = AdapterSuite(
            RbacAdapter.self,
            """
            { "roles": [{ "name": "admin", "rules": [{ "services": ["*"], "paths": ["/a/*"] }] }],
              "bindings": [{ "role": "admin", "subjects": [{ "user": "*" }] }] }
            """)
        #expect(rbac.run() == [])
        let apikey = AdapterSuite(
            ApikeyAdapter.self,
            #"{ "keys": [{ "name": "alice", "key": "a key of hers", "apis": ["shop"] }] }"#,
            secrets: ["a key of hers"])
        #expect(apikey.run() == [])
    }

    @Test("Adapters that others fetch from conform")
    func pages() {
        let page = #"{ "address": "127.0.0.1:0" }"#
        #expect(AdapterSuite(EdgeAdapter.self, page).run() == [])
        #expect(AdapterSuite(PrometheusAdapter.self, page).run() == [])
    }

    @Test("StatsD conforms; a series that no datagram holds is refused, and does not keep the others")
    func statsd() throws {
        let receiver = try StatsdReceiver()
        let suite = AdapterSuite(
            StatsdAdapter.self, #"{ "address": "\#(receiver.address)", "format": "dogstatsd" }"#,
            backend: AdapterBackend(.bestEffort, arrived: { [] }),
            mayRefuse: { record in
                record.values.contains {
                    if case .string(let text) = $0 { text.utf8.count > 65_000 } else { false }
                }
            })
        #expect(suite.run() == [])
    }
}
