internal import Primitives

/// The modules beside a script, as they were when the script was read.
///
/// Files are read on the control thread only, the first time the script's top level runs; machines made later
/// find the same texts here.
final class LuaModules {
    /// A module's file and its text; nil when it could not be read.
    struct Module: Sendable, Hashable {
        let path: String
        let source: [UInt8]?
        let problem: String
    }

    /// The folder of the script, with a slash at the end; nil: no files are read.
    private let folder: String?
    private(set) var modules: [String: Module]

    /// Reads what is asked for from the folder of the script at `path`.
    init(besideScript path: String) {
        self.folder = String(path[..<(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)])
        self.modules = [:]
    }

    /// Gives what has been read.
    init(_ modules: [String: Module]) {
        self.folder = nil
        self.modules = modules
    }

    /// - Parameter name: Words joined by dots, which CLua has checked; `lib.jwt` is `lib/jwt.lua`.
    func module(_ name: String) -> Module {
        if let known = self.modules[name] { return known }
        guard let folder = self.folder else {
            return Module(path: "", source: nil, problem: "module '\(name)' was not read with the script")
        }
        let path = folder + name.split(separator: ".").joined(separator: "/") + ".lua"
        let module = Self.read(path, name)
        self.modules[name] = module
        return module
    }

    private static func read(_ path: String, _ name: String) -> Module {
        do throws(LuaError) {
            let source = try LuaFolder.contents(of: path)
            guard source.count <= LuaScript.sizeLimit else {
                let problem = "module '\(name)' must have at most \(LuaScript.sizeLimit) bytes"
                return Module(path: path, source: nil, problem: problem)
            }
            return Module(path: path, source: source, problem: "")
        } catch {
            return Module(path: path, source: nil, problem: "module '\(name)': \(error)")
        }
    }

    /// Whether every file still has the text that was read.
    static func areUnchanged(_ modules: [String: Module]) -> Bool {
        modules.allSatisfy { name, module in Self.read(module.path, name).source == module.source }
    }
}
