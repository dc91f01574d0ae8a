import Foundation

/// The cases as a configuration of Envoy.
enum EnvoyConfiguration {
    private static let types = "type.googleapis.com/envoy.extensions.filters"

    static func json(_ cases: [LuaCase], backend: Int) -> String {
        let routes = cases.map(Self.route) + [["match": ["prefix": "/"], "route": ["cluster": "backend"]]]
        let manager: [String: Any] = [
            "@type": "\(types).network.http_connection_manager.v3.HttpConnectionManager",
            "stat_prefix": "public", "use_remote_address": true, "generate_request_id": true,
            "http_protocol_options": ["enable_trailers": true],
            "route_config": [
                "name": "all", "virtual_hosts": [["name": "all", "domains": ["*"], "routes": routes]],
            ],
            "http_filters": [
                ["name": "lua", "typed_config": ["@type": "\(types).http.lua.v3.Lua"]],
                [
                    "name": "envoy.filters.http.router",
                    "typed_config": ["@type": "\(types).http.router.v3.Router"],
                ],
            ],
        ]
        let listener: [String: Any] = [
            "name": "public", "address": Self.address(0),
            "filter_chains": [
                [
                    "filters": [
                        ["name": "envoy.filters.network.http_connection_manager", "typed_config": manager]
                    ]
                ]
            ],
        ]
        let whole: [String: Any] = [
            "admin": ["address": Self.address(0)],
            "static_resources": [
                "listeners": [listener],
                "clusters": [
                    Self.cluster("backend", backend), Self.cluster("auth", backend), Self.cluster("dead", 1),
                ],
            ],
        ]
        let data = try? JSONSerialization.data(withJSONObject: whole, options: [.sortedKeys])
        return data.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    private static func address(_ port: Int) -> [String: Any] {
        ["socket_address": ["address": "127.0.0.1", "port_value": port]]
    }

    private static func route(_ one: LuaCase) -> [String: Any] {
        var route: [String: Any] = [
            "name": "cases", "match": ["path_separated_prefix": "/\(one.name)"],
            "route": ["cluster": "backend"],
            "typed_per_filter_config": [
                "lua": [
                    "@type": "\(types).http.lua.v3.LuaPerRoute", "source_code": ["inline_string": one.script],
                ]
            ],
        ]
        if let facts = one.metadata.flatMap({ try? JSONSerialization.jsonObject(with: Data($0.json.utf8)) }) {
            route["metadata"] = ["filter_metadata": ["lua": facts]]
        }
        return route
    }

    private static func cluster(_ name: String, _ port: Int) -> [String: Any] {
        let options = "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
        return [
            "name": name, "connect_timeout": "20s", "type": "STATIC",
            "load_assignment": [
                "cluster_name": name,
                "endpoints": [["lb_endpoints": [["endpoint": ["address": Self.address(port)]]]]],
            ],
            "typed_extension_protocol_options": [
                "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": [
                    "@type": options,
                    "explicit_http_config": ["http_protocol_options": ["enable_trailers": true]],
                ]
            ],
        ]
    }
}

/// The same as one of Postern.
enum PosternConfiguration {
    static func yaml(_ cases: [LuaCase], backend: String, folder: URL) -> String {
        var rules = ""
        for one in cases {
            let script = folder.appendingPathComponent("\(one.name).lua").path
            // Envoy lets an exchange go on when its script fails.
            rules += """
                      - match: { path: { prefix: "/\(one.name)" } }
                        filters: [{ lua: "\(script)", name: lua, onFailure: allow, budget: { time: 1s } }]
                        service: backend

                """
            if let metadata = one.metadata { rules += "        metadata: { lua: \(metadata.json) }\n" }
        }
        return """
            listeners: [{ name: public, address: "127.0.0.1:0" }]
            routes:
              - name: cases
                rules:

            """ + rules + """
                      - { match: { path: { prefix: / } }, service: backend }
                services:
                  - { name: backend, endpoints: ["\(backend)"] }
                  - { name: auth, endpoints: ["\(backend)"] }
                  - { name: dead, endpoints: ["127.0.0.1:1"] }

                """
    }
}
