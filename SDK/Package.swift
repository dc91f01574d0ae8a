// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "SDK",
    products: [
        .library(name: "PosternSDK", type: .static, targets: ["PosternSDK"]),
        .library(name: "CPosternABI", targets: ["CPosternABI"]),
    ],
    targets: [
        .target(name: "CPosternABI"),
        .target(
            name: "PosternSDK",
            dependencies: ["CPosternABI"],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .enableExperimentalFeature("Lifetimes"),
                .treatAllWarnings(as: .error),
            ]
        ),
    ]
)
