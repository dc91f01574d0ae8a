public import GatewayConfig
internal import PluginHost
internal import Telemetry

// What the commands need besides a running gateway.

extension Gateway {
    /// Everything that is wrong with a configuration: what the reader finds, and what ``run()`` would refuse.
    public static func check(path: String) -> LoadResult {
        let telemetry = TelemetryProcess(log: Log(level: .critical))
        let host = ProcessFilterHost(telemetry)
        let catalogue = FilterCatalogue(telemetry: telemetry, host: host)
        let mixer = MixerCatalogue(telemetry: telemetry, plugins: catalogue.plugins, host: host)
        return GatewayConfiguration.load(path: path).checked {
            Candidate($0, catalogue, TLSCatalogue(), mixer, path: path).problems
        }
    }

    /// Does the work of a child process that tries a plugin, when this process is one.
    ///
    /// Call it first thing in every program that loads plugins.
    ///
    /// - Returns: How to exit; nil when this is no such child.
    public static func runIfProbe() -> Int32? { PluginProbe.runIfChild() }
}
