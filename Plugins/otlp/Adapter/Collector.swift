internal import PluginNet

/// Where requests go, by either protocol.
public struct Collector {
    private enum Client {
        case http(HTTPClient)
        case grpc(GRPCClient)
    }

    private var client: Client
    private let base: String
    private let fields: [(name: String, value: String)]

    init(
        _ url: HTTPURL, isGRPC: Bool, tls: TLSClient?, _ fields: [(name: String, value: String)],
        timeout: Duration
    ) {
        self.client =
            isGRPC
            ? .grpc(GRPCClient(url, tls: tls, timeout: timeout))
            : .http(HTTPClient(url, tls: tls, timeout: timeout))
        self.base = url.target.hasSuffix("/") ? String(url.target.dropLast()) : url.target
        self.fields = fields
    }

    /// Sends a request, and waits for the answer.
    mutating func export(_ signal: Signal, _ body: [UInt8]) -> ExportResult {
        do throws(NetError) {
            switch self.client {
            case .http(var client):
                let type = [("content-type", "application/x-protobuf")]
                defer { self.client = .http(client) }
                return ExportResult(
                    try client.send("POST", self.base + signal.path, fields: type + self.fields, body: body))
            case .grpc(var client):
                defer { self.client = .grpc(client) }
                return ExportResult(try client.call(signal.method, self.fields, body))
            }
        } catch {
            return .again(message: error.message, after: nil)
        }
    }
}
