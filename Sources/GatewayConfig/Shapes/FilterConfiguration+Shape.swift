internal import Primitives

extension ConfigShape where Value == [FilterConfiguration] {
    /// A chain; its filters have different names.
    static var filters: Self { .list(of: .filter, unique: \.name) }
}

extension ConfigShape where Value == FilterConfiguration {
    fileprivate static var filter: Self {
        let budget = ConfigShape<LuaBudget>.luaBudget
        let onFailure = ConfigShape<LuaFilter.FailurePolicy>.word()
        return Self.object(
            FilterConfiguration(name: "", implementation: .plugin(PluginFilter(plugin: ""))),
            [
                .choice(
                    \.implementation, isRequired: true,
                    [
                        (
                            "plugin",
                            ConfigShape<String>.pluginName.map { .plugin(PluginFilter(plugin: $0)) },
                            "The plugin's name."
                        ),
                        (
                            "lua", ConfigShape<String>.filePath.map { .lua(LuaFilter(path: $0)) },
                            "A script, or a folder whose `*.lua` run by name."
                        ),
                    ]
                ),
                .key(
                    "name", \.name, ConfigShape<String>.name.hidingDefault,
                    "Default: that of the plugin or script."),
                .key("config", \.config, .tree, "What the plugin's or script's own schema describes."),
                .key("budget", with: "lua", budget, "What each call of the script may use.", initial: nil) {
                    budget, filter in filter.changeLua { $0.budget = budget }
                },
                .key("onFailure", with: "lua", onFailure, "Who loses when the script fails.", initial: .deny)
                {
                    policy, filter in filter.changeLua { $0.onFailure = policy }
                },
                .location(\.location),
            ]
        ).named()
    }

    /// A filter without a name takes that of its plugin or script.
    private func named() -> Self {
        let read = self.read
        return Self(schema: self.schema) { node, reading in
            guard var filter = read(node, &reading) else { return nil }
            guard filter.name.isEmpty, node["name"] == nil else { return filter }
            switch filter.implementation {
            case .plugin(let plugin): filter.name = plugin.plugin
            case .lua(let lua):
                filter.name = Self.scriptName(lua.path)
                if !lua.path.isEmpty, !TextPattern("^[A-Za-z0-9._-]{1,64}$").matchesPart(of: filter.name) {
                    reading.problem(node, "needs a `name`, because its file's name cannot serve as one")
                }
            }
            return filter
        }
    }

    private static func scriptName(_ path: String) -> String {
        guard let last = path.split(separator: "/").last else { return "" }
        return String(last.hasSuffix(".lua") ? last.dropLast(4) : last)
    }
}

extension ConfigShape where Value == String {
    static var pluginName: Self {
        .text(1...64, matching: "^[a-z0-9-]+$", "a plugin's name of `a` to `z`, digits and `-`")
    }

    fileprivate var hidingDefault: Self { Self(schema: self.schema, read: self.read) }
}

extension ConfigShape where Value == ConfigNode {
    /// An object that somebody else describes.
    static var tree: Self {
        Self(schema: .object(["type": "object"])) { node, reading in
            if case .object = node.value { return node }
            reading.problem(node, "must be an object, got \(node.shown)")
            return nil
        }
    }
}

extension ConfigShape where Value == ConfigNode {
    /// An object of objects.
    static var metadata: Self {
        Self(
            schema: .object(["type": "object", "additionalProperties": .object(["type": "object"])])
        ) { node, reading in
            guard let tree = Self.tree.read(node, &reading) else { return nil }
            for member in tree.members where !member.value.isObject {
                reading.problem(
                    member.value, "must be an object of a filter's facts, got \(member.value.shown)")
            }
            return tree
        }
    }
}

extension ConfigNode {
    fileprivate var isObject: Bool {
        if case .object = self.value { true } else { false }
    }
}

extension ConfigShape where Value == LuaBudget {
    fileprivate static var luaBudget: Self {
        .object(
            LuaBudget(),
            [
                .key(
                    "instructions", \.instructions, .integer(1000...1_000_000_000),
                    "Instructions of the Lua machine."),
                .key(
                    "time", \.time, .duration(.microseconds(100)...(.seconds(10))),
                    "CPU time of the worker."),
                .key(
                    "memory", \.memory, .byteCount(.kibibytes(256)...(.gibibytes(1))),
                    "Memory of the Lua machine."),
            ]
        )
    }
}

extension FilterConfiguration {
    /// The configuration belongs to whichever there is.
    fileprivate var config: ConfigNode {
        get {
            switch self.implementation {
            case .plugin(let plugin): plugin.config
            case .lua(let lua): lua.config
            }
        }
        set {
            self.changePlugin { $0.config = newValue }
            self.changeLua { $0.config = newValue }
        }
    }

    fileprivate mutating func changePlugin(_ change: (inout PluginFilter) -> Void) {
        guard case .plugin(var plugin) = self.implementation else { return }
        change(&plugin)
        self.implementation = .plugin(plugin)
    }

    fileprivate mutating func changeLua(_ change: (inout LuaFilter) -> Void) {
        guard case .lua(var lua) = self.implementation else { return }
        change(&lua)
        self.implementation = .lua(lua)
    }
}

extension ConfigShape where Value == FilterOverride {
    static var filterOverride: Self {
        .object(
            FilterOverride(filter: "", change: .disabled),
            [
                .required("filter", \.filter, .name, "The name of a filter of the listener or the route."),
                .choice(
                    \.change, isRequired: true,
                    [
                        (
                            "config", ConfigShape<ConfigNode>.tree.map { .config($0) },
                            "Takes the place of the whole of the filter's `config`."
                        ),
                        ("disabled", .always(.disabled), "The filter does not run."),
                    ]
                ),
                .location(\.location),
            ]
        )
    }
}
