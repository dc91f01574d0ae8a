internal import PosternSDK

// What an adapter says of itself, and what it does with configurations.

extension SuiteRun {
    func describesItself() {
        let facts = self.suite.facts
        let isNamed = facts.name.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
        }
        if !isNamed || !(1...64).contains(facts.name.utf8.count) {
            self.find("the name must match [a-z0-9-]{1,64}, got '\(facts.name)'")
        }
        if facts.version.isEmpty { self.find("the version is empty") }
        do {
            let schema = try JSONValue(parsing: Array(facts.schema.utf8))
            if schema["type"]?.text != "object" { self.find("the schema's type must be \"object\"") }
        } catch { self.find("the schema is no JSON: \(error)") }
        if facts.templates.bits == 0 { self.find("it declares no template") }
        if facts.templates.contains(.attributes), facts.outputs == 0 {
            self.find("it makes attributes, and declares no outputs")
        }
    }

    func configuresOnly() throws {
        try self.suite.backend?.outage?.stop()
        defer {
            do { try self.suite.backend?.outage?.start() } catch { self.find("the backend: \(error)") }
        }
        SuiteThreads.withOwnDescriptors { count in
            // What a runtime or a library opens once is no handler's.
            self.tryConfiguration()
            let before = count()
            self.tryConfiguration { if count() != before { self.find("descriptors stay open") } }
            if count() != before { self.find("descriptors stay open when the handler has gone") }
        }
    }

    private func tryConfiguration(_ body: () -> Void = {}) {
        do {
            let handler = try self.handler()
            withExtendedLifetime(handler, body)
        } catch { self.find("the configuration is refused: \(error)") }
    }

    func refusesConfigurations() {
        for (config, pointer) in self.suite.refused {
            do {
                _ = try self.suite.configure(self.host, config)
                self.find("it takes \(config)")
            } catch let refusal as TestConfigRefused {
                for problem in refusal.problems {
                    self.say(problem.message)
                    if problem.message.isEmpty { self.find("it refuses \(config) without a reason") }
                }
                if !refusal.problems.contains(where: { $0.pointer == pointer }) {
                    let places = refusal.problems.map { "'\($0.pointer)'" }.joined(separator: ", ")
                    self.find("it refuses \(config) at \(places), and not at '\(pointer)'")
                }
            } catch { self.find("\(error)") }
        }
        // Any other text is refused or not, and ends nobody.
        for config in ["", "{", "[]", "null", "7", "{}", #"{"id":null}"#] {
            _ = try? self.suite.configure(self.host, config)
        }
    }
}
