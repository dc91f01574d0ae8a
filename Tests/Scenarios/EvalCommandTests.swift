import Foundation
import TestSupport
import Testing

extension Scenarios {
    @Suite struct EvalCommandTests {
        private static func eval(_ arguments: String...) throws -> (
            output: String, status: ChildProcess.Ending?
        ) {
            let command = try Command(Binaries.program("postern"), ["eval"] + arguments)
            return (command.output, command.ending)
        }

        @Test("eval prints the value as JSON, of the attributes that it is given")
        func values() throws {
            let (output, ending) = try Self.eval(
                "request.path.startsWith(\"/api\") && response.code >= 500", "--attributes",
                "{\"request.path\": \"/api/v1\", \"response\": {\"code\": 503}}")
            #expect(output == "true\n")
            #expect(ending == .exited(0))
            #expect(try Self.eval("request.headers[\"x\"] | \"none\"").output == "\"none\"\n")
        }

        @Test("eval shows the place of what is wrong, and tells by its status whose fault it is")
        func failures() throws {
            let (compiled, compileEnding) = try Self.eval("request.pth == \"/\"")
            #expect(
                compiled == """
                    postern: 1:1: unknown attribute 'request.pth'; did you mean 'request.path'?
                      request.pth == "/"
                      ^

                    """)
            #expect(compileEnding == .exited(1))
            let (evaluated, evaluateEnding) = try Self.eval("request.size > 1")
            #expect(evaluated == "postern: 1:1: absent attribute: request.size\n  request.size > 1\n  ^\n")
            #expect(evaluateEnding == .exited(1))
            let (attributes, attributesEnding) = try Self.eval(
                "1", "--attributes", "{\"request.size\": \"x\"}")
            #expect(attributes == "postern: --attributes: 'request.size' must be an integer, got \"x\"\n")
            #expect(attributesEnding == .exited(2))
            #expect(try Self.eval("1", "--batch").status != .exited(0))
        }

        @Test("eval --batch answers each line with a line")
        func batch() throws {
            let folder = try TemporaryFolder()
            let lines = [
                #"{"expr": "1 + 1"}"#, "",
                #"{"expr": "x.y", "bindings": {"x": {"value": {"int64_value": "1"}}}}"#,
                #"{"expr": "y", "container": "x", "bindings": {"x.y": {"value": {"bool_value": true}}}}"#,
                #"{"expr": "1 / 0"}"#, "no JSON",
                #"{"expr": "[]", "check_only": true}"#,
            ]
            try lines.joined(separator: "\n").write(
                to: folder.file("cases"), atomically: true, encoding: .utf8)
            let program = Binaries.program("postern")
            let command = try Command(
                "sh", ["-c", "'\(program)' eval --batch < '\(folder.file("cases").path)'"])
            #expect(
                command.output == """
                    {"value": {"int64_value": "2"}}
                    {"eval_error": {"errors": [{"message": "no such overload"}]}}
                    {"value": {"bool_value": true}}
                    {"eval_error": {"errors": [{"message": "division by zero"}]}}
                    {"eval_error": {"errors": [{"message": "expected a JSON value at byte 0"}]}}
                    {"typed_result": {"deduced_type": {"list_type": {"elem_type": {"dyn": {}}}}}}

                    """)
            #expect(command.ending == .exited(0))
        }
    }
}
