import Foundation
import Testing

/// The release tree: it can be moved, and needs nothing but the system's libraries.
@Suite(.enabled(if: Checkout.hasDist, "run 'make build' first"))
struct DistTests {
    private static let executables = ["bin/postern", "bin/postern-proxy"]

    /// Files that the dynamic linker looks at, relative to the tree.
    private static var binaries: [String] {
        let plugins = Checkout.files(
            below: Checkout.dist.appending(path: "lib/postern/plugins"), suffix: ".so")
        return Self.executables + plugins.map { "lib/postern/plugins/\($0.lastPathComponent)" }
    }

    @Test("every plugin of the project is in it")
    func plugins() throws {
        let folders = try FileManager.default.contentsOfDirectory(
            atPath: Checkout.root.appending(path: "Plugins").path
        ).filter { !Checkout.sharedByPlugins.contains($0) }
        #expect(Set(Self.binaries) == Set(Self.executables + folders.map { "lib/postern/plugins/\($0).so" }))
    }

    @Test("it carries JSON Schemas, the gateway's among them")
    func schemas() throws {
        let folder = Checkout.dist.appending(path: "share/postern/schemas")
        let files = Checkout.files(below: folder, suffix: ".json")
        #expect(files.map(\.lastPathComponent).contains("gateway.json"))
        for file in files {
            let schema = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
            #expect(schema?["$schema"] != nil, "\(file.lastPathComponent)")
        }
    }

    @Test("no file of it names the place where it was built")
    func buildPath() throws {
        let path = Data(Checkout.root.path.utf8)
        for file in Checkout.files(below: Checkout.dist) {
            let found = try Data(contentsOf: file, options: .alwaysMapped).range(of: path)
            #expect(found == nil, "\(file.path) holds \(Checkout.root.path): see dev/build-dist")
        }
    }

    @Test("its run paths are relative to its own files", arguments: binaries)
    func runPaths(binary: String) throws {
        let file = Checkout.dist.appending(path: binary).path
        let dynamic = try Checkout.output("readelf", ["-dW", file])
        let path = try #require(dynamic.firstMatch(of: /\(RUNPATH\).*\[(.*)\]/)?.1)
        for part in path.split(separator: ":") {
            #expect(part.hasPrefix("$ORIGIN"), "\(binary): \(part)")
        }
    }

    @Test("moved, it finds Swift's libraries in itself and all others in the system", arguments: binaries)
    func moved(binary: String) throws {
        let place = FileManager.default.temporaryDirectory.appending(path: "postern-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: place) }
        try FileManager.default.copyItem(at: Checkout.dist, to: place)

        let libraries = try Checkout.output("ldd", [place.appending(path: binary).path])
        for line in libraries.split(separator: "\n") {
            guard let match = line.firstMatch(of: /(\S+) => (.*?)(?: \(0x|$)/) else { continue }
            let isSwift = match.1.contains("swift") || match.1.contains("Foundation")
            let isInside = match.2.hasPrefix(place.path)
            let isSystem = match.2.hasPrefix("/lib/") || match.2.hasPrefix("/usr/lib/")
            #expect(isInside || (isSystem && !isSwift), "\(binary): \(line)")
        }
    }

    @Test("the proxy links no Foundation and nothing of the control plane")
    func lean() throws {
        let file = Checkout.dist.appending(path: "bin/postern-proxy").path
        let libraries = try Checkout.output("ldd", [file])
        #expect(!libraries.contains("Foundation"))
        #expect(!libraries.contains("icu"))
    }
}
