/// All that a gateway does, as one file says it: the value that is compiled into a running snapshot.
///
/// A value is either made by ``load(path:)``, which has checked it whole, or in code by tests and by those
/// who hold another form of the configuration. Relative paths have been made absolute.
public struct GatewayConfiguration: Sendable {
    /// The version of the format.
    ///
    /// Required; 1. Key `version`.
    public var version: Int
    /// The endpoints for operators; nil: none.
    ///
    /// Default none. Key `admin`.
    public var admin: AdminConfiguration?
    /// How many event loops; nil: one a core.
    ///
    /// Default one a core; 1...1024. Key `workers`.
    public var workers: Int?
    /// Folders searched for plugins after the installed ones, in this order.
    ///
    /// Default none. Key `plugins.path`.
    public var pluginPath: [String]
    /// Where requests come in.
    ///
    /// Default none; names are unique. Key `listeners`.
    public var listeners: [ListenerConfiguration]
    /// Which request goes where.
    ///
    /// Default none; names are unique. Key `routes`.
    public var routes: [RouteConfiguration]
    /// Where connections go that carry no HTTP.
    ///
    /// Default none; names are unique. Key `tcpRoutes`.
    public var tcpRoutes: [TCPRouteConfiguration]
    /// What requests are sent to.
    ///
    /// Default none; names are unique. Key `services`.
    public var services: [ServiceConfiguration]
    /// The line written for every request.
    ///
    /// Default off. Key `accessLog`.
    public var accessLog: AccessLogConfiguration
    /// Where logs, metrics and traces go, and which policies are asked.
    ///
    /// Default Istio's metrics. Key `mixer`.
    public var mixer = MixerConfiguration()
    /// The folder that relative paths within plugins' configurations are relative to; empty: the process's
    /// own.
    public var directory: String

    public init(
        version: Int = 1,
        admin: AdminConfiguration? = nil,
        workers: Int? = nil,
        pluginPath: [String] = [],
        listeners: [ListenerConfiguration] = [],
        routes: [RouteConfiguration] = [],
        tcpRoutes: [TCPRouteConfiguration] = [],
        services: [ServiceConfiguration] = [],
        accessLog: AccessLogConfiguration = AccessLogConfiguration(format: .off),
        directory: String = ""
    ) {
        self.version = version
        self.admin = admin
        self.workers = workers
        self.pluginPath = pluginPath
        self.listeners = listeners
        self.routes = routes
        self.tcpRoutes = tcpRoutes
        self.services = services
        self.accessLog = accessLog
        self.directory = directory
    }
}
