internal import PluginSupport
internal import Testing

@Suite struct SHA256Tests {
    private func hash(_ message: String) -> String {
        SHA256.hash(Array(message.utf8)).map {
            let text = String($0, radix: 16)
            return text.count == 1 ? "0\(text)" : text
        }.joined()
    }

    @Test("The examples of FIPS 180-4, and one of each length around a block")
    func examples() throws {
        #expect(self.hash("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(self.hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            self.hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
        // Of `a` so many times: `printf | sha256sum`.
        #expect(
            self.hash(String(repeating: "a", count: 55))
                == "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318")
        #expect(
            self.hash(String(repeating: "a", count: 64))
                == "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb")
        #expect(
            self.hash(String(repeating: "a", count: 119))
                == "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb")
    }
}
