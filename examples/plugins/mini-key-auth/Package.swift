// swift-tools-version: 6.2
import PackageDescription

/// `postern plugin build` names the SDK of its own installation.
let sdk = Context.environment["POSTERN_SDK"] ?? "\(Context.packageDirectory)/../../../SDK"

let package = Package(
    name: "mini-key-auth",
    products: [.library(name: "mini-key-auth", type: .dynamic, targets: ["MiniKeyAuth"])],
    dependencies: [.package(name: "SDK", path: sdk)],
    targets: [
        .target(
            name: "MiniKeyAuth",
            dependencies: [
                .product(name: "PosternSDK", package: "SDK"), .product(name: "CPosternABI", package: "SDK"),
            ],
            linkerSettings: [.unsafeFlags(["-Xlinker", "--version-script=\(sdk)/plugin.map"])]
        ),
        .testTarget(
            name: "MiniKeyAuthTests",
            dependencies: ["MiniKeyAuth", .product(name: "PosternTestKit", package: "SDK")]
        ),
    ]
)
