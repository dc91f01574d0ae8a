internal import PluginSupport
public import PosternSDK

/// Sets, adds and removes header fields of requests and responses.
public struct Headers: HTTPFilter {
    /// `config` in the gateway's configuration.
    public struct Config: Decodable, Sendable {
        let request: HeaderChanges?
        let response: HeaderChanges?
    }

    /// The plugin's name in configurations.
    public static let name = "headers"
    /// The plugin's version.
    public static let version = "0.1.0"

    private let request: HeaderPlan
    private let response: HeaderPlan

    /// Checks all names and values.
    public init(config: Config, host: borrowing FilterHost) throws {
        self.request = try HeaderPlan(config.request, at: "/request", host: host)
        self.response = try HeaderPlan(config.response, at: "/response", host: host)
        if self.request.isEmpty, self.response.isEmpty {
            throw ConfigProblem("", "changes nothing: give set, add or remove in request or response")
        }
    }

    /// Changes the request's fields.
    public func requestHead(
        _ request: inout RequestHead, _ state: inout Void, endOfStream: Bool
    ) throws -> FilterAction {
        try self.request.apply(to: &request)
        return .continue
    }

    /// Changes the response's fields.
    public func responseHead(
        _ response: inout ResponseHead, _ state: inout Void, endOfStream: Bool
    ) throws -> FilterAction {
        try self.response.apply(to: &response)
        return .continue
    }
}
