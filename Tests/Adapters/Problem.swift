import PosternSDK
import PosternTestKit

/// What an adapter says against a configuration; empty when it takes it.
func problem<Handler: Adapter>(_ type: Handler.Type, _ json: String) -> String {
    do {
        _ = try TestHost().configure(type, json)
        return ""
    } catch let refused as TestConfigRefused {
        return refused.problems.map(\.description).joined(separator: "\n")
    } catch { return "\(error)" }
}
