import ExpressionCases
import Expressions

/// Evaluates texts for tests.
enum EvaluatedText {
    static let manifest: AttributeManifest = {
        var manifest = AttributeManifest([
            ("request.path", .string), ("request.size", .int64), ("request.headers", .stringMap),
            ("request.time", .timestamp), ("source.ip", .ipAddress), ("response.code", .int64),
            ("response.duration", .duration), ("connection.mtls", .bool), ("request.id", .string),
        ])
        manifest.declare("list", .list(.int))
        return manifest
    }()

    /// The value as JSON, or what an error says behind "error: ".
    static func value(
        _ text: String, _ attributes: String = "{}", mode: ExpressionMode = .rules,
        limits: EvaluationLimits = .defaults
    ) throws -> String {
        let expression = try Expression.compile(text, Self.manifest, mode: mode)
        let bag = try AttributeJSON.read(try JSONText.parse(attributes), Self.manifest)
        let evaluator = Evaluator(limits: limits)
        return withExtendedLifetime((expression, bag, evaluator)) {
            let value = expression.evaluate(bag, with: evaluator)
            if let error = value.error { return "error: \(error)" }
            return PlainJSON.write(value)?.description ?? "none"
        }
    }

    /// The problems of a text that cannot be compiled; empty when it can.
    static func problems(
        _ text: String, mode: ExpressionMode = .rules, expecting type: ExpressionType? = nil
    ) -> [String] {
        do throws(CompileError) {
            _ = try Expression.compile(text, Self.manifest, mode: mode, expecting: type)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }
}
