internal import TestSupport

@testable internal import PluginHost

extension CompiledPlugin {
    /// A store whose probes run the tests' own child.
    static func store(timeout: Duration = .seconds(30)) -> PluginStore {
        PluginStore(probe: PluginProbe(program: "\(BuiltPlugins.folder)/plugin-probe", timeout: timeout))
    }

    var search: PluginSearch { PluginSearch(paths: [self.folder], installed: nil) }
}
