/// A line of the access log in JSON (docs/reference/access-log.md).
public struct AccessLogEntry: Decodable, Sendable {
    public let start_time: String
    public let method: String?
    public let path: String?
    public let `protocol`: String?
    public let response_code: Int
    public let grpc_status: String?
    public let response_flags: String
    public let response_code_details: String?
    public let bytes_received: Int
    public let bytes_sent: Int
    public let upstream_request_attempt_count: Int
    public let x_forwarded_for: String?
    public let user_agent: String?
    public let request_id: String?
    public let authority: String?
    public let upstream_host: String?
    public let upstream_cluster: String?
    public let requested_server_name: String?
    public let downstream_local_address: String?
    public let downstream_remote_address: String?
    public let route_name: String?
    public let listener_name: String?
    public let duration: Int
}
