internal import Glibc
internal import Primitives

/// The plugin files of this process: private copies by content, each tried in a child before it is loaded.
///
/// A file that changes is another content and so another generation, beside the old one; a content that is
/// loaded already is used again, so memory grows with the number of different files only.
public final class PluginStore: Sendable {
    private struct State {
        /// Our private folder; made when it is first needed.
        var folder: String?
        /// By the private copy's path.
        var images: [String: PluginImage] = [:]
        /// What a child found out about copies, by path.
        var known: [String: PluginDescription] = [:]
        /// Configurations that a child accepted, as path and digest.
        var accepted: Set<String> = []
    }

    private let state = Lock(State())
    private let parent: String?
    let probe: PluginProbe

    /// - Parameters:
    ///   - directory: Where the private folder goes; by default TMPDIR, or `/tmp`.
    ///   - probe: How files are tried.
    public init(directory: String? = nil, probe: PluginProbe = PluginProbe()) {
        self.parent = directory
        self.probe = probe
    }

    /// Removes the private copies; what is loaded stays loaded.
    deinit {
        guard let folder = self.state.withLock({ $0.folder }) else { return }
        for file in listFolder(folder) { unlink("\(folder)/\(file)") }
        rmdir(folder)
    }

    /// What is loaded, by name and version: for `/plugins`.
    public var descriptions: [PluginDescription] {
        self.state.withLock { $0.images.values.map(\.description) }
            .sorted { ($0.name, $0.version, $0.digest) < ($1.name, $1.version, $1.digest) }
    }

    /// A private copy of a file as it is now.
    struct Copy: Sendable {
        let digest: ContentDigest
        /// The copy.
        let file: String
        /// Where the content came from.
        let origin: String
    }

    /// - Throws: ``PluginError`` with `unreadable`.
    func copy(_ origin: String) throws(PluginError) -> Copy {
        do {
            let bytes = try PrivateFiles.read(origin)
            let digest = ContentDigest(of: bytes)
            return try self.state.withLock { state throws(SystemError) in
                if state.folder == nil {
                    state.folder = try PrivateFiles.makeFolder(in: self.parent ?? temporaryFolder())
                }
                let folder = state.folder ?? ""
                // Different contents with one digest are told apart here; the loop ends at the first free
                // name.
                var number = 0
                while true {
                    let file = "\(folder)/\(digest)\(number == 0 ? "" : "-\(number)").so"
                    guard PrivateFiles.exists(file) else {
                        try PrivateFiles.create(file, bytes)
                        return Copy(digest: digest, file: file, origin: origin)
                    }
                    if try PrivateFiles.read(file) == bytes {
                        return Copy(digest: digest, file: file, origin: origin)
                    }
                    number += 1
                }
            }
        } catch {
            throw PluginError(code: .unreadable, message: "\(origin): \(error)")
        }
    }

    /// Loads a copy that a child has tried, or gives the image that is loaded already.
    func load(_ copy: Copy) throws(PluginError) -> PluginImage {
        try self.state.withLock { state throws(PluginError) in
            if let image = state.images[copy.file] { return image }
            let image = try PluginImage.load(copy.file, origin: copy.origin, digest: "\(copy.digest)")
            state.images[copy.file] = image
            return image
        }
    }

    /// What a child found out about that content before.
    func known(_ copy: Copy) -> PluginDescription? {
        self.state.withLock { state in
            guard var description = state.known[copy.file] else { return nil }
            description.path = copy.origin
            return description
        }
    }

    func remember(_ copy: Copy, _ description: PluginDescription) {
        self.state.withLock { $0.known[copy.file] = description }
    }

    /// Whether a child has accepted that configuration of that content before.
    func hasAccepted(_ copy: Copy, _ json: [UInt8]) -> Bool {
        self.state.withLock { $0.accepted.contains(Self.acceptance(copy, json)) }
    }

    func accept(_ copy: Copy, _ json: [UInt8]) {
        self.state.withLock { state in
            // A process that sees thousands of configurations forgets; then they are tried again.
            if state.accepted.count >= 4096 { state.accepted = [] }
            state.accepted.insert(Self.acceptance(copy, json))
        }
    }

    private static func acceptance(_ copy: Copy, _ json: [UInt8]) -> String {
        "\(copy.file) \(ContentDigest(of: json))"
    }
}

private func temporaryFolder() -> String {
    guard let value = getenv("TMPDIR") else { return "/tmp" }
    let path = String(cString: value)
    return path.hasPrefix("/") ? path : "/tmp"
}
