extension LoadedConfiguration {
    /// The whole file as JSON without secrets, for `/config_dump`.
    ///
    /// - Parameter schema: The schema of a plugin, by its name; of a plugin without one all of `config` is
    ///   hidden, and so it is of a script.
    public func redactedJSON(schema: (String) -> PluginSchema?) -> String {
        let plugins = self.pluginsByFilter()
        let dump = self.document.mapping { node in
            if case .string(let plugin)? = node["plugin"]?.value, node["config"] != nil {
                return node.hidingConfig(by: [schema(plugin)])
            }
            if case .string(let adapter)? = node["adapter"]?.value, node["config"] != nil {
                return node.hidingConfig(by: [schema(adapter)])
            }
            // A script's schema is in its text, which is not at hand here.
            if node["lua"] != nil, node["config"] != nil { return node.hidingConfig(by: []) }
            if case .string(let filter)? = node["filter"]?.value, node["config"] != nil {
                return node.hidingConfig(by: (plugins[filter] ?? []).map(schema))
            }
            return nil
        }
        return dump.json(indented: true)
    }

    /// Which plugins carry out filters of a name: one name may mean different ones on different listeners.
    private func pluginsByFilter() -> [String: Set<String>] {
        let configuration = self.configuration
        let chains = configuration.listeners.map(\.filters) + configuration.routes.map(\.filters)
        var plugins: [String: Set<String>] = [:]
        for filter in chains.joined() {
            guard case .plugin(let plugin) = filter.implementation else { continue }
            plugins[filter.name, default: []].insert(plugin.plugin)
        }
        return plugins
    }
}

extension ConfigNode {
    /// The tree with some objects replaced: those for which `change` gives another, which is not looked into.
    fileprivate func mapping(_ change: (ConfigNode) -> ConfigNode?) -> ConfigNode {
        var copy = self
        switch self.value {
        case .array(let elements): copy.value = .array(elements.map { $0.mapping(change) })
        case .object(let members):
            if let changed = change(self) { return changed }
            let mapped = members.map { Member($0.key, $0.value.mapping(change), keyLocation: $0.keyLocation) }
            copy.value = .object(mapped)
        case .null, .bool, .integer, .number, .string, .secret: break
        }
        return copy
    }

    /// The object with the secrets of its member `config` hidden by every schema, or all of it when one is
    /// missing.
    fileprivate func hidingConfig(by schemas: [PluginSchema?]) -> ConfigNode {
        let hidden = self.members.map { member in
            guard member.key == "config" else { return member }
            var value: ConfigNode? = schemas.isEmpty ? nil : member.value
            for schema in schemas {
                guard let schema else {
                    value = nil
                    break
                }
                value = value.map { schema.redacted($0) }
            }
            return Member(member.key, value ?? ConfigNode(.secret(Secret(""))))
        }
        return ConfigNode(.object(hidden), at: self.location)
    }
}
