internal import Foundation
internal import TestSupport
internal import Testing
@testable internal import PluginHost

@Suite struct SharedObjectTests {
    private func bytes(_ definitions: [String] = []) throws -> [UInt8] {
        let plugin = try CompiledPlugin("BadPlugins/good.c", defining: definitions)
        return Array(try Data(contentsOf: URL(filePath: plugin.file)))
    }

    @Test("Names the symbols for others and the libraries needed")
    func reads() throws {
        let object = try #require(SharedObject(self.bytes()))
        #expect(object.exports.contains("postern_plugin_entry_v1"))
        #expect(object.libraries == ["libc.so.6"])
    }

    @Test("A file that is cut or damaged anywhere in its tables is no trap")
    func damaged() throws {
        let whole = try self.bytes()
        for count in stride(from: 0, to: whole.count, by: 97) { _ = SharedObject(Array(whole.prefix(count))) }
        // The header, and the section headers behind everything else.
        for index in Array(0..<64) + Array(stride(from: whole.count - 1, to: whole.count - 1800, by: -3)) {
            var bytes = whole
            bytes[index] = 0xFF
            _ = SharedObject(bytes)
        }
        #expect(SharedObject(Array("#!/bin/sh\n".utf8)) == nil)
    }
}
