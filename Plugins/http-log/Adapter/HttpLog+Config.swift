internal import PluginNet
internal import PluginSupport
internal import PosternSDK

extension HttpLog {
    /// See ``schema``.
    public struct Config: Decodable, Sendable {
        var url: String
        var shape: String?
        var authorization: String?
        var headers: [Header]?
        var maxBody: ByteCount?
        var loki: Loki?
        var elasticsearch: Elasticsearch?
        var splunk: Splunk?
        var tls: TLSConfig?
        var timeout: String?
        var lines: LineConfig

        struct Header: Decodable, Sendable {
            var name: String
            var value: String
        }

        struct Loki: Decodable, Sendable {
            var labels: [String: String]?
            var columns: [String]?
        }

        struct Elasticsearch: Decodable, Sendable {
            var index: String?
            var operation: String?
        }

        struct Splunk: Decodable, Sendable {
            var index: String?
            var source: String?
            var sourcetype: String?
            var host: String?
        }

        private enum CodingKeys: String, CodingKey {
            case url, shape, authorization, headers, maxBody, loki, elasticsearch, splunk, tls, timeout
        }

        /// The keys of lines stand among the others.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.url = try container.decode(String.self, forKey: .url)
            self.shape = try container.decodeIfPresent(String.self, forKey: .shape)
            self.authorization = try container.decodeIfPresent(String.self, forKey: .authorization)
            self.headers = try container.decodeIfPresent([Header].self, forKey: .headers)
            self.maxBody = try container.decodeIfPresent(ByteCount.self, forKey: .maxBody)
            self.loki = try container.decodeIfPresent(Loki.self, forKey: .loki)
            self.elasticsearch = try container.decodeIfPresent(Elasticsearch.self, forKey: .elasticsearch)
            self.splunk = try container.decodeIfPresent(Splunk.self, forKey: .splunk)
            self.tls = try container.decodeIfPresent(TLSConfig.self, forKey: .tls)
            self.timeout = try container.decodeIfPresent(String.self, forKey: .timeout)
            self.lines = try LineConfig(from: decoder)
        }
    }
}
