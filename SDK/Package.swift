// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "SDK",
    products: [
        .library(name: "PosternSDK", type: .static, targets: ["PosternSDK"]),
        .library(name: "CPosternABI", targets: ["CPosternABI"]),
        .library(name: "PosternTestKit", targets: ["PosternTestKit"]),
    ],
    targets: [
        .target(name: "CPosternABI"),
        .target(
            name: "PosternSDK",
            dependencies: ["CPosternABI"],
            swiftSettings: strict + [.enableExperimentalFeature("Lifetimes")]
        ),
        // A host in the test's process; no plugin links it.
        .target(
            name: "PosternTestKit",
            dependencies: ["CPosternABI", "PosternSDK"],
            swiftSettings: strict
        ),
    ]
)
