// swift-tools-version: 6.2
import Foundation
import PackageDescription

// The layers, from the lowest up. `docs/architecture-layers.txt` says which import is allowed; a test holds
// every `import` against it. Tests mirror the modules under `Tests/`.

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]
/// `dev/fuzz` builds the fuzz targets and what they link, all instrumented, and nothing else.
let isFuzzing = Context.environment["POSTERN_FUZZ"] == "1"
/// What runs for every request is inlined across modules in release builds (docs/decisions/0001), and checks
/// exclusive access to class members in debug builds only (docs/decisions/0003).
let hot =
    strict + (isFuzzing ? [.unsafeFlags(["-sanitize=fuzzer"])] : []) + [
        .unsafeFlags(
            ["-cross-module-optimization", "-enforce-exclusivity=unchecked"],
            .when(configuration: .release)
        )
    ]
let strictC: [CSetting] = [.treatAllWarnings(as: .error), .enableWarning("all")]
let strictCxx: [CXXSetting] = [.treatAllWarnings(as: .error), .enableWarning("all")]

let abi: Target.Dependency = .product(name: "CPosternABI", package: "SDK")
let sdk: Target.Dependency = .product(name: "PosternSDK", package: "SDK")
let testKit: Target.Dependency = .product(name: "PosternTestKit", package: "SDK")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

func layer(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: hot)
}

/// A fuzz target is an executable `Fuzz/NAME` that hands libFuzzer one function.
func fuzz(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name,
        dependencies: dependencies + ["CFuzzer"],
        path: "Fuzz/\(name)",
        exclude: ["Seeds", "FailCases"].filter {
            FileManager.default.fileExists(atPath: "\(Context.packageDirectory)/Fuzz/\(name)/\($0)")
        },
        swiftSettings: strict + [.unsafeFlags(["-sanitize=fuzzer", "-parse-as-library"])],
        linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]
    )
}

func tests(_ name: String, _ dependencies: [Target.Dependency], without others: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: dependencies + ["TestSupport"],
        path: "Tests/\(name)",
        exclude: (["Golden", "FailCases", "Fixtures", "README.md"] + others).filter {
            FileManager.default.fileExists(atPath: "\(Context.packageDirectory)/Tests/\(name)/\($0)")
        },
        swiftSettings: strict
    )
}

/// A plugin is two targets: the filter, which tests link, and its entry symbol (CONTRIBUTING.md).
func plugin(
    _ name: String, _ module: String, _ dependencies: [Target.Dependency] = [], in folder: String? = nil,
    source: String = "Filter"
) -> [Target] {
    let folder = folder ?? "Plugins/\(name)"
    return [
        .target(
            name: module, dependencies: [sdk] + dependencies, path: "\(folder)/\(source)",
            swiftSettings: strict + (isFuzzing ? [.unsafeFlags(["-sanitize=fuzzer"])] : [])
        ),
        .target(
            name: "\(module)Plugin",
            dependencies: [.target(name: module), sdk, abi],
            path: "\(folder)/Entry",
            swiftSettings: strict,
            linkerSettings: [
                .unsafeFlags([
                    "-Xlinker", "--version-script=\(Context.packageDirectory)/SDK/plugin.map",
                    // Else the linker writes its output's path into the file.
                    "-Xlinker", "-soname=\(name).so",
                ])
            ]
        ),
    ]
}

let cModules: [Target] = [
    .target(name: "CCares", cSettings: strictC, linkerSettings: [.linkedLibrary("cares")]),
    .target(name: "CLinux", cSettings: strictC),
    .target(
        name: "CLua",
        cSettings: strictC + [.unsafeFlags(["-I/usr/include/lua5.4"])],
        linkerSettings: [.linkedLibrary("lua5.4")]
    ),
    .target(name: "CRE2", cxxSettings: strictCxx, linkerSettings: [.linkedLibrary("re2")]),
    .target(
        name: "COpenSSL", cSettings: strictC,
        linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]
    ),
    .systemLibrary(name: "CNGHTTP2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
]

let layers: [Target] = [
    layer("Primitives"),
    layer("GatewayConfig", ["Primitives", "CYAML", "CRE2"]),
    layer("Filtering", ["Primitives"]),
    layer("Telemetry", ["Primitives"]),
    layer("SharedStore", ["Primitives"]),
    layer("Adapting", ["Primitives", abi]),
    layer("Reactor", ["Primitives", "CLinux", "CCares", "COpenSSL"]),
    layer("HTTPCodec", ["Primitives", "Filtering"]),
    layer("Preamble", ["Primitives"]),
    layer("Expressions", ["Primitives", "CRE2"]),
    layer("ExpressionCases", ["Primitives", "Expressions"]),
    layer("Routing", ["Primitives", "Filtering", "GatewayConfig", "CRE2"]),
    layer(
        "LuaHost",
        ["Primitives", "Filtering", "GatewayConfig", "CLua", "CLinux", "COpenSSL", "CRE2", "SharedStore"]),
    layer("PluginHost", ["Primitives", "Filtering", "Adapting", "GatewayConfig", "CLinux", abi]),
    layer(
        "Mixer", ["Primitives", "GatewayConfig", "Filtering", "Telemetry", "Adapting", "Expressions", abi]),
    layer(
        "Upstreams",
        [
            "Primitives", "GatewayConfig", "Telemetry", "Reactor", "HTTPCodec", "Filtering", "CLinux",
            "COpenSSL",
        ]
    ),
    layer(
        "DataPlane",
        [
            "Primitives", "GatewayConfig", "Filtering", "Telemetry", "SharedStore", "Reactor", "HTTPCodec",
            "Preamble", "Routing", "LuaHost", "PluginHost", "Upstreams", "CLinux", "Adapting", "Expressions",
            "Mixer",
        ]
    ),
]

let executables: [Target] = [
    .executableTarget(
        name: "postern",
        dependencies: [
            "Primitives", "GatewayConfig", "Expressions", "ExpressionCases", "DataPlane", "PluginHost",
            "LuaHost",
            argumentParser,
        ],
        swiftSettings: strict
    ),
    .executableTarget(
        name: "postern-proxy",
        dependencies: ["Primitives", "GatewayConfig", "Telemetry", "DataPlane"],
        swiftSettings: strict,
        linkerSettings: [.unsafeFlags(["-Xlinker", "--export-dynamic"])]
    ),
]

let testTargets: [Target] = [
    .target(
        name: "TestSupport",
        dependencies: ["Primitives", "Filtering", "SharedStore", "CNGHTTP2"],
        path: "Tests/TestSupport",
        swiftSettings: strict
    ),
    tests("Primitives", ["Primitives"]),
    tests("GatewayConfig", ["Primitives", "GatewayConfig"]),
    tests("Filtering", ["Primitives", "Filtering"]),
    tests("Telemetry", ["Primitives", "Telemetry"]),
    tests("SharedStore", ["Primitives", "SharedStore"]),
    tests("Reactor", ["Primitives", "Reactor", "CLinux", "COpenSSL"]),
    tests("HTTPCodec", ["Primitives", "Filtering", "HTTPCodec"]),
    tests("Preamble", ["Primitives", "Preamble"]),
    tests("Expressions", ["Primitives", "Expressions", "ExpressionCases"]),
    tests("Routing", ["Primitives", "Filtering", "GatewayConfig", "Routing"]),
    tests("LuaHost", ["Primitives", "Filtering", "GatewayConfig", "LuaHost", "COpenSSL"]),
    .executableTarget(
        name: "plugin-probe",
        dependencies: ["PluginHost"],
        path: "Tests/PluginProbe",
        swiftSettings: strict
    ),
    tests("PluginHost", ["Primitives", "Filtering", "Adapting", "GatewayConfig", "PluginHost", abi]),
    tests(
        "Upstreams",
        ["Primitives", "GatewayConfig", "Filtering", "Telemetry", "HTTPCodec", "Reactor", "Upstreams"]),
    tests(
        "Mixer", ["Primitives", "GatewayConfig", "Telemetry", "Adapting", "Expressions", "Mixer", abi]),
    tests(
        "DataPlane",
        [
            "Primitives", "Filtering", "GatewayConfig", "Telemetry", "Reactor", "Routing", "Upstreams",
            "DataPlane",
        ]),
    tests("PosternSDK", [sdk]),
    tests("Plugins", ["Primitives", "Filtering", "GatewayConfig", "PluginHost", "PluginSupport"]),
    tests(
        "Adapters",
        [
            sdk, testKit, "GatewayConfig", "PluginNet", "PluginSupport",
            "Stdio", "File", "Fluentd", "Syslog", "Denier", "List", "Rbac", "Apikey", "Memquota", "Edge",
            "Prometheus", "Statsd", "Graphite", "Postgres", "Kafka", "Nats", "HttpLog", "Opa",
            "Redisquota", "Otlp", "Zipkin",
        ]),
    tests("Project", []),
    tests("Scenarios", ["Primitives", "postern-proxy"]),
    tests(
        "Conformance", ["postern-proxy"],
        without: ["cel", "changes", "clients", "grpc", "harness", "http2", "lua", "websocket"]),
    tests(
        "PosternTestKit",
        ["BehaviourFilter", testKit, sdk, "Filtering", "GatewayConfig", "PluginHost", "postern-proxy"]),
]

/// What filters do on the SDK's test kit and in the gateway.
let behaviours = plugin("behaviours", "BehaviourFilter", in: "Tests/PosternTestKit/Fixtures")

/// A C module that one plugin needs, with the libraries behind it.
func pluginModule(
    _ name: String, of plugin: String, linking libraries: [String], headers: [String] = []
) -> Target {
    .target(
        name: name, path: "Plugins/\(plugin)/\(name)",
        cSettings: strictC + (headers.isEmpty ? [] : [.unsafeFlags(headers.map { "-I\($0)" })]),
        linkerSettings: libraries.map { .linkedLibrary($0) }
    )
}

/// What several plugins need; linked into each.
let pluginSupport = Target.target(
    name: "PluginSupport", dependencies: [sdk], path: "Plugins/Shared", swiftSettings: hot
)

/// What adapters reach backends with: sockets, TLS and HTTP that wait, for threads of their own.
let pluginNet: [Target] = [
    .target(
        name: "PluginNet", dependencies: ["CNetTLS", sdk], path: "Plugins/Net/Sources",
        swiftSettings: strict
    ),
    pluginModule("CNetTLS", of: "Net", linking: ["ssl", "crypto"]),
]

/// A page that others come to fetch: metrics, a graph.
let pluginServe = Target.target(
    name: "PluginServe", dependencies: ["PluginSupport", sdk], path: "Plugins/Serve", swiftSettings: strict
)

/// An adapter is a plugin whose filter is an adapter.
func adapter(_ name: String, _ module: String, _ dependencies: [Target.Dependency] = []) -> [Target] {
    plugin(name, module, ["PluginSupport"] + dependencies, source: "Adapter")
}

let plugins =
    [pluginSupport] + pluginNet
    + plugin("key-auth", "KeyAuth") + plugin("headers", "Headers", ["PluginSupport"])
    + plugin("rate-limit", "RateLimit") + plugin("cors", "Cors", ["PluginSupport", "CRE2"])
    + plugin("ip-restriction", "IpRestriction", ["PluginSupport"])
    + plugin("body-limit", "BodyLimit") + plugin("transform", "Transform", ["PluginSupport"])
    + plugin("basic-auth", "BasicAuth", ["PluginSupport", "CCrypt"])
    + plugin("compress", "Compress", ["PluginSupport", "CCodec"])
    + plugin("jwt-auth", "JwtAuth", ["PluginSupport", "CJose"])
    + plugin("grpc-web", "GrpcWeb", ["PluginSupport"])
    // What these link, the proxy does not.
    + [
        pluginModule("CCrypt", of: "basic-auth", linking: ["crypt"]),
        pluginModule("CCodec", of: "compress", linking: ["z", "brotlienc", "zstd"]),
        pluginModule("CJose", of: "jwt-auth", linking: ["crypto"]),
    ]

/// Adapters that judge and count.
let policyAdapters =
    adapter("denier", "Denier") + adapter("list", "List", ["PluginNet", "CRE2"]) + adapter("rbac", "Rbac")
    + adapter("opa", "Opa", ["PluginNet"]) + adapter("apikey", "Apikey") + adapter("memquota", "Memquota")
    + adapter("redisquota", "Redisquota", ["PluginNet"])

/// Adapters that metrics, spans and edges go to.
let telemetryAdapters =
    [pluginServe, pluginModule("CGrpc", of: "otlp", linking: ["nghttp2"])]
    + adapter("prometheus", "Prometheus", ["PluginServe"]) + adapter("statsd", "Statsd", ["PluginNet"])
    + adapter("graphite", "Graphite", ["PluginNet"]) + adapter("otlp", "Otlp", ["PluginNet", "CGrpc"])
    + adapter("zipkin", "Zipkin", ["PluginNet"]) + adapter("edge", "Edge", ["PluginServe"])

/// Adapters that logs go to.
let logAdapters =
    [
        pluginModule("CKafka", of: "kafka", linking: ["rdkafka"]),
        pluginModule("CPostgres", of: "postgres", linking: ["pq"], headers: ["/usr/include/postgresql"]),
    ]
    + adapter("stdio", "Stdio") + adapter("file", "File")
    + adapter("postgres", "Postgres", ["CPostgres"])
    + adapter("kafka", "Kafka", ["CKafka"])
    + adapter("nats", "Nats", ["PluginNet"])
    + adapter("http-log", "HttpLog", ["PluginNet"])
    + adapter("fluentd", "Fluentd", ["PluginNet"])
    + adapter("syslog", "Syslog", ["PluginNet"])

let adapters = policyAdapters + telemetryAdapters + logAdapters

let fuzzers: [Target] = [
    .target(name: "CFuzzer", path: "Fuzz/CFuzzer", cSettings: strictC),
    fuzz("ConfigFuzz", ["GatewayConfig"]),
    fuzz("HTTP1HeadFuzz", ["Primitives", "Filtering", "HTTPCodec"]),
    fuzz("ChunkedFuzz", ["Primitives", "Filtering", "HTTPCodec"]),
    fuzz("HTTP2SessionFuzz", ["Primitives", "Filtering", "HTTPCodec"]),
    fuzz("HPACKFuzz", ["Primitives", "HTTPCodec", "CNGHTTP2"]),
    fuzz("ProxyProtocolFuzz", ["Primitives", "Preamble"]),
    fuzz("ClientHelloFuzz", ["Primitives", "Preamble"]),
    fuzz("LuaFuzz", ["Primitives", "Filtering", "GatewayConfig", "LuaHost"]),
    fuzz("LuaJSONFuzz", ["Primitives", "Filtering", "GatewayConfig", "LuaHost"]),
    fuzz("JWTFuzz", ["JwtAuth", sdk]),
    fuzz("ExpressionFuzz", ["Primitives", "Expressions"]),
    fuzz("SpoolFuzz", ["Mixer"]),
]

let package = Package(
    name: "postern",
    products: [
        .executable(name: "postern", targets: ["postern"]),
        .executable(name: "postern-proxy", targets: ["postern-proxy"]),
        .library(name: "key-auth", type: .dynamic, targets: ["KeyAuthPlugin"]),
        .library(name: "headers", type: .dynamic, targets: ["HeadersPlugin"]),
        .library(name: "rate-limit", type: .dynamic, targets: ["RateLimitPlugin"]),
        .library(name: "behaviours", type: .dynamic, targets: ["BehaviourFilterPlugin"]),
        .library(name: "cors", type: .dynamic, targets: ["CorsPlugin"]),
        .library(name: "ip-restriction", type: .dynamic, targets: ["IpRestrictionPlugin"]),
        .library(name: "body-limit", type: .dynamic, targets: ["BodyLimitPlugin"]),
        .library(name: "transform", type: .dynamic, targets: ["TransformPlugin"]),
        .library(name: "basic-auth", type: .dynamic, targets: ["BasicAuthPlugin"]),
        .library(name: "compress", type: .dynamic, targets: ["CompressPlugin"]),
        .library(name: "jwt-auth", type: .dynamic, targets: ["JwtAuthPlugin"]),
        .library(name: "grpc-web", type: .dynamic, targets: ["GrpcWebPlugin"]),
        .library(name: "stdio", type: .dynamic, targets: ["StdioPlugin"]),
        .library(name: "file", type: .dynamic, targets: ["FilePlugin"]),
        .library(name: "postgres", type: .dynamic, targets: ["PostgresPlugin"]),
        .library(name: "kafka", type: .dynamic, targets: ["KafkaPlugin"]),
        .library(name: "nats", type: .dynamic, targets: ["NatsPlugin"]),
        .library(name: "http-log", type: .dynamic, targets: ["HttpLogPlugin"]),
        .library(name: "fluentd", type: .dynamic, targets: ["FluentdPlugin"]),
        .library(name: "syslog", type: .dynamic, targets: ["SyslogPlugin"]),
        .library(name: "denier", type: .dynamic, targets: ["DenierPlugin"]),
        .library(name: "list", type: .dynamic, targets: ["ListPlugin"]),
        .library(name: "rbac", type: .dynamic, targets: ["RbacPlugin"]),
        .library(name: "apikey", type: .dynamic, targets: ["ApikeyPlugin"]),
        .library(name: "memquota", type: .dynamic, targets: ["MemquotaPlugin"]),
        .library(name: "edge", type: .dynamic, targets: ["EdgePlugin"]),
        .library(name: "opa", type: .dynamic, targets: ["OpaPlugin"]),
        .library(name: "redisquota", type: .dynamic, targets: ["RedisquotaPlugin"]),
        .library(name: "zipkin", type: .dynamic, targets: ["ZipkinPlugin"]),
        .library(name: "otlp", type: .dynamic, targets: ["OtlpPlugin"]),
        .library(name: "prometheus", type: .dynamic, targets: ["PrometheusPlugin"]),
        .library(name: "statsd", type: .dynamic, targets: ["StatsdPlugin"]),
        .library(name: "graphite", type: .dynamic, targets: ["GraphitePlugin"]),
    ],
    dependencies: [
        .package(path: "SDK"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: cModules + layers + executables + plugins + adapters + behaviours + testTargets,
    cxxLanguageStandard: .cxx17
)

// Sanitizer builds leave out what is not the data path.
if Context.environment["POSTERN_SCOPE"] == "data-path" {
    let others: Set = [
        "postern", "ProjectTests", "ScenariosTests", "ConformanceTests", "PosternTestKitTests",
        "AdaptersTests",
    ]
    package.targets.removeAll { others.contains($0.name) }
    package.products.removeAll { others.contains($0.name) }
}

// benchmarks/README.md says how to run it.
if Context.environment["POSTERN_BENCH"] == "1" {
    package.targets += [
        .target(name: "MicroCalls", path: "benchmarks/MicroCalls", swiftSettings: hot),
        .executableTarget(
            name: "MicroBenchmarks",
            dependencies: [
                "MicroCalls", "Primitives", "Expressions", "Filtering", "GatewayConfig", "HTTPCodec",
                "Routing",
            ],
            path: "benchmarks/Micro",
            swiftSettings: hot
        ),
    ]
}

if isFuzzing {
    package.targets = cModules + layers + fuzzers + plugins
    package.products = []
}
