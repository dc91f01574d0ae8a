public import Filtering
internal import GatewayConfig

extension PluginStore {
    /// Checks every use of a plugin: finds the file, copies it, loads it in a child process, and holds the
    /// configuration against the plugin's schema and the plugin's own judgement. Nothing is loaded into this
    /// process.
    ///
    /// Blocks: files, child processes. A content and configuration that passed before are not tried again.
    ///
    /// - Parameter directory: What relative paths of secrets are relative to.
    public func check(_ uses: [PluginUse], search: PluginSearch, directory: String) -> CheckedPlugins {
        var checked = CheckedPlugins(filters: Array(repeating: nil, count: uses.count))
        var order: [String] = []
        var places: [String: [Int]] = [:]
        for (index, use) in uses.enumerated() {
            if places[use.plugin] == nil { order.append(use.plugin) }
            places[use.plugin, default: []].append(index)
        }
        for name in order {
            let indices = places[name] ?? []
            do { try self.check(name, indices, of: uses, search, directory, &checked) } catch {
                for index in indices {
                    checked.problems.append(ConfigProblem(uses[index].location, error.message))
                }
            }
        }
        return checked
    }

    /// What the plugin called `name` says of itself; nothing is loaded into this process.
    public func describe(_ name: String, search: PluginSearch) throws(PluginError) -> PluginDescription {
        let copy = try self.copy(try search.find(name))
        return try self.description(of: copy)
    }

    /// What the plugin in `file` says of itself, whatever the file is called; nothing is loaded into this
    /// process.
    ///
    /// - Throws: ``PluginError``, for the reasons that a gateway would refuse it.
    public func inspect(file: String) throws(PluginError) -> PluginDescription {
        let copy = try self.copy(file)
        let description = try self.description(of: copy)
        _ = try self.schema(of: description, copy)
        return description
    }

    private func schema(
        of description: PluginDescription, _ copy: Copy
    ) throws(PluginError) -> PluginSchema {
        do { return try PluginSchema(json: description.schema) } catch {
            let refusal = PluginHandshake.Refusal.badSchema("\(error)")
            throw PluginError(code: .refused, message: "\(copy.origin): \(refusal)")
        }
    }

    /// Takes a checked use into use; loads the file when its content is new.
    ///
    /// - Parameters:
    ///   - name: The filter's name in metrics and logs.
    ///   - place: Distinguishes what reloads keep of this filter (token buckets) from that of others.
    ///   - old: The blueprint of the same place, which is given back when file and configuration are the
    ///     same.
    /// - Throws: ``PluginError``, though the check has passed: the plugin may judge differently here.
    public func makeBlueprint(
        _ plugin: CheckedPlugin, name: String, place: String, host: FilterHost,
        keeping old: PluginBlueprint? = nil
    ) throws(PluginError) -> PluginBlueprint {
        let image = try self.load(plugin.copy)
        if let old, old.key == PluginBlueprint.key(image: image, name: name, place: place, json: plugin.json)
        {
            return old
        }
        return try PluginBlueprint(image: image, name: name, place: place, json: plugin.json, host: host)
    }

    /// As ``makeBlueprint(_:name:place:host:keeping:)``, for a handler of an adapter.
    public func makeHandler(
        _ plugin: CheckedPlugin, name: String, host: FilterHost, keeping old: NativeAdapter? = nil
    ) throws(PluginError) -> NativeAdapter {
        let image = try self.load(plugin.copy)
        if let old, old.key == NativeAdapter.key(image: image, name: name, json: plugin.json) { return old }
        return try NativeAdapter(image: image, name: name, json: plugin.json, host: host)
    }

    private func description(of copy: Copy) throws(PluginError) -> PluginDescription {
        if let known = self.known(copy) { return known }
        let description = try self.probe.run(copy.file, origin: copy.origin, digest: "\(copy.digest)")
            .description
        self.remember(copy, description)
        return description
    }

    private func check(
        _ name: String, _ indices: [Int], of uses: [PluginUse], _ search: PluginSearch, _ directory: String,
        _ checked: inout CheckedPlugins
    ) throws(PluginError) {
        let copy = try self.copy(try search.find(name))
        let description = try self.description(of: copy)
        guard description.name == name else {
            throw PluginError(
                code: .refused,
                message: "\(copy.origin): the plugin calls itself '\(description.name)', not '\(name)'"
            )
        }
        let schema = try self.schema(of: description, copy)
        var tried: [(index: Int, json: [UInt8])] = []
        for index in indices {
            checked.files.formUnion(schema.files(in: uses[index].config, directory: directory))
            let (config, problems) = schema.resolve(uses[index].config, directory: directory)
            checked.problems += problems
            if problems.isEmpty { tried.append((index, Array(config.json(secrets: .revealed).utf8))) }
        }
        let verdicts = try self.judge(copy, tried.map(\.json))
        for (use, verdict) in zip(tried, verdicts) {
            for problem in verdict {
                let node = uses[use.index].config.nearest(toPointer: problem.pointer)
                let location = node.location == .none ? uses[use.index].location : node.location
                checked.problems.append(ConfigProblem(location, problem.message))
            }
            guard verdict.isEmpty else { continue }
            checked.filters[use.index] = CheckedPlugin(
                description: description, redacted: schema.redacted(uses[use.index].config), copy: copy,
                json: use.json
            )
        }
    }

    /// What the plugin itself finds wrong with each configuration.
    private func judge(_ copy: Copy, _ configs: [[UInt8]]) throws(PluginError) -> [[PluginProblem]] {
        let fresh = configs.filter { !self.hasAccepted(copy, $0) }
        guard !fresh.isEmpty else { return configs.map { _ in [] } }
        let report = try self.probe.run(copy.file, origin: copy.origin, digest: "\(copy.digest)") { _ in fresh
        }
        var verdicts: [[UInt8]: [PluginProblem]] = [:]
        for (json, problems) in zip(fresh, report.problems) {
            verdicts[json] = problems
            if problems.isEmpty { self.accept(copy, json) }
        }
        return configs.map { verdicts[$0] ?? [] }
    }
}
