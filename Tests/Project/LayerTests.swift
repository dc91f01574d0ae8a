import Foundation
import Testing

@Suite struct LayerTests {
    /// What every module may import besides Postern's own.
    private static let system: Set = ["Glibc", "Synchronization"]
    /// What single modules may import in addition.
    private static let more: [String: Set<String>] = [
        "postern": ["ArgumentParser", "Foundation", "FoundationEssentials"]
    ]

    private let table: LayerTable

    init() throws {
        self.table = try LayerTable.ofCheckout()
    }

    @Test("the table has a line for every module, and no other")
    func complete() throws {
        let folders = try FileManager.default.contentsOfDirectory(
            atPath: Checkout.root.appending(path: "Sources").path)
        let sdk = try FileManager.default.contentsOfDirectory(
            atPath: Checkout.root.appending(path: "SDK/Sources").path)
        #expect(Set(self.table.rows.keys) == Set(folders + sdk))
    }

    @Test("a module's line names modules of lower layers only")
    func downwards() {
        for (name, row) in self.table.rows where row.layer > 0 {
            for other in row.allowed {
                let below = self.table.rows[other].map { $0.layer < row.layer }
                #expect(below == true, "\(name) (layer \(row.layer)) may not name \(other)")
            }
        }
    }

    @Test("every import has an access level and is allowed by the table")
    func imports() throws {
        for (name, row) in self.table.rows {
            let folder = ["Sources/\(name)", "SDK/Sources/\(name)"].map { Checkout.root.appending(path: $0) }
            let allowed = row.allowed.union(Self.system).union(Self.more[name] ?? [])
            for source in folder.flatMap({ Checkout.files(below: $0, suffix: ".swift") }) {
                for line in try ImportLine.all(in: source) {
                    let place = "\(line.file):\(line.number): \(line.module)"
                    #expect(line.accessLevel != nil, "\(place): write internal, package or public before it")
                    #expect(allowed.contains(line.module), "\(place) is not in docs/architecture-layers.txt")
                }
            }
        }
    }

    /// C modules that single plugins need; what they link, the proxy does not.
    private static let pluginModules: [String: Set<String>] = [
        "Cors": ["CRE2"], "BasicAuth": ["CCrypt"], "Compress": ["CCodec"],
        "JwtAuth": ["CJose"], "Net": ["CNetTLS"], "List": ["CRE2"], "Otlp": ["CGrpc"],
        "Kafka": ["CKafka"], "Postgres": ["CPostgres"],
    ]

    @Test("a plugin imports the SDK, what plugins share, and itself only")
    func plugins() throws {
        for source in Checkout.files(below: Checkout.root.appending(path: "Plugins"), suffix: ".swift") {
            let filter = source.deletingLastPathComponent().deletingLastPathComponent()
            let own = filter.lastPathComponent.split(separator: "-").map(\.capitalized).joined()
            for line in try ImportLine.all(in: source) {
                let allowed = Self.system.union([
                    "PosternSDK", "CPosternABI", "PluginSupport", "PluginNet", "PluginServe", own,
                ])
                .union(Self.pluginModules[own] ?? [])
                #expect(allowed.contains(line.module), "\(line.file):\(line.number): \(line.module)")
            }
        }
    }

    @Test("the dependencies in Package.swift are those of the table")
    func manifest() throws {
        struct Manifest: Decodable {
            struct Target: Decodable {
                let name: String
                let dependencies: [Dependency]
            }
            /// `{"byName": [name, …]}`, `{"product": [name, package, …]}` and the like.
            struct Dependency: Decodable {
                let name: String

                init(from decoder: any Decoder) throws {
                    let kinds = try decoder.singleValueContainer().decode([String: [Part]].self)
                    self.name = kinds.values.first?.first?.text ?? ""
                }
            }
            struct Part: Decodable {
                let text: String?

                init(from decoder: any Decoder) throws {
                    self.text = try? decoder.singleValueContainer().decode(String.self)
                }
            }
            let targets: [Target]
        }
        let json = try Checkout.manifest()
        let manifest = try JSONDecoder().decode(Manifest.self, from: Data(json.utf8))
        let own = Set(self.table.rows.keys)
        for target in manifest.targets {
            guard let row = self.table.rows[target.name] else { continue }
            let dependencies = Set(target.dependencies.map(\.name)).intersection(own)
            #expect(dependencies == row.allowed, "\(target.name) in Package.swift")
        }
    }
}
