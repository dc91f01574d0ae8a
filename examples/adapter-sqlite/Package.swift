// swift-tools-version: 6.2
import PackageDescription

/// `postern plugin build` names the SDK of its own installation.
let sdk = Context.environment["POSTERN_SDK"] ?? "\(Context.packageDirectory)/../../SDK"

let package = Package(
    name: "sqlite",
    products: [.library(name: "sqlite", type: .dynamic, targets: ["SQLiteAdapter"])],
    dependencies: [.package(name: "SDK", path: sdk)],
    targets: [
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .target(
            name: "SQLiteAdapter",
            dependencies: [
                "CSQLite", .product(name: "PosternSDK", package: "SDK"),
                .product(name: "CPosternABI", package: "SDK"),
            ],
            linkerSettings: [.unsafeFlags(["-Xlinker", "--version-script=\(sdk)/plugin.map"])]
        ),
        .testTarget(
            name: "SQLiteAdapterTests",
            dependencies: ["CSQLite", "SQLiteAdapter", .product(name: "PosternTestKit", package: "SDK")]
        ),
    ]
)
