public import PosternSDK

extension BehaviourFilter {
    public func requestHead(
        _ request: inout RequestHead, _ state: inout StreamState, endOfStream: Bool
    ) throws -> FilterAction {
        state.path = request.text(self.attribute) ?? ""
        switch state.path {
        case "/fields": try self.changeFields(&request)
        case "/rewrite":
            try request.setPath("/rewritten?b=2")
            try request.setAuthority("other.example:8080")
        case "/bad-field": try self.setBadFields(&request)
        case "/facts":
            let facts = [request.text(self.query), String(request.method), String(request.scheme)]
            try request.setHeader(self.mark, facts.map { $0 ?? "-" }.joined(separator: " "))
        case "/respond":
            return try request.respond(
                status: 403, headers: [("x-why", "no"), ("content-type", "text/x-own")], body: "no\n",
                details: "not_you")
        case "/respond-twice": return try self.respondTwice(&request)
        case "/respond-badly":
            do { return try request.respond(status: 99, details: "x") } catch {
                try request.setHeader(self.mark, "\(error)")
            }
        case "/throw": throw FieldError.tooLarge
        case "/fail": return .failed
        case "/upper", "/double", "/swallow": request.willChangeBody()
        case "/buffer", "/make-body": return .buffer
        case "/limit":
            request.limitBuffer(to: 4)
            return .buffer
        default: return try self.wait(&request, state.path)
        }
        return .continue
    }

    private func changeFields(_ request: inout RequestHead) throws {
        try request.setHeader(named: "X-One", "new")
        try request.addHeader(named: "x-two", "b")
        try request.addHeader(self.mark, "marked")
        let had = request.removeHeader(named: "x-three")
        let missing = request.removeHeader(named: "x-four")
        try request.setHeader(named: "x-removed", "\(had) \(missing)")
        try request.setHeader(.userAgent, "postern")
    }

    private func setBadFields(_ request: inout RequestHead) throws {
        var found: [String] = []
        for (name, value) in [("x-a", "a\r\nx-b: c"), ("x a", "b"), ("", "b"), ("x-c", "\u{7F}")] {
            do {
                try request.setHeader(named: name, value)
                found.append("taken")
            } catch { found.append("\(error)") }
        }
        do { try request.setPath("no slash") } catch { found.append("\(error)") }
        try request.setHeader(self.mark, found.joined(separator: " "))
    }

    private func respondTwice(_ request: inout RequestHead) throws -> FilterAction {
        let first = try request.respond(status: 409, body: "first", details: "first")
        do { _ = try request.respond(status: 410, body: "second", details: "second") } catch {
            self.log(.warning, "second: \(error)")
        }
        return first
    }

    private func wait(_ request: inout RequestHead, _ path: String) throws -> FilterAction {
        let mark = self.mark
        switch path {
        case "/timer":
            request.setTimer(.milliseconds(20)) { stream in
                try? stream.setHeader(mark, "woken")
                stream.resume(.request)
            }
        case "/timer-answers":
            request.setTimer(.milliseconds(20)) { _ = try? $0.respond(status: 408, details: "too_slow") }
        case "/cancel":
            let pending = request.setTimer(.milliseconds(20)) {
                _ = try? $0.respond(status: 500, details: "x")
            }
            request.cancel(pending)
            request.setTimer(.milliseconds(60)) { $0.resume(.request) }
        case "/post":
            request.handle().post { stream in
                try? stream.setHeader(mark, "posted")
                stream.resume(.request)
            }
        case "/offload":
            guard
                request.offload(
                    { 6 * 7 },
                    then: { stream, answer in
                        try? stream.setHeader(mark, "\(answer)")
                        stream.resume(.request)
                    })
            else { return .failed }
        case "/callout", "/callout-slow", "/callout-large": return try self.ask(&request, path)
        default: return try self.keep(&request, path)
        }
        return .pause
    }

    private func ask(_ request: inout RequestHead, _ path: String) throws -> FilterAction {
        guard let service = self.service else { return .failed }
        let mark = self.mark
        let callout = Callout(
            to: service, method: "POST", path: "\(path)?q=1", headers: [("x-asked", "yes")],
            body: Array("who".utf8), timeout: .milliseconds(path == "/callout-slow" ? 100 : 10_000),
            answerLimit: path == "/callout-large" ? 4 : 1024)
        try request.call(callout) { stream, result in
            switch result {
            case .success(let answer) where answer.status == 200:
                let text = String(decoding: answer.body, as: UTF8.self)
                try? stream.setHeader(mark, "\(text) \(answer.header("X-Kind") ?? "-")")
                stream.resume(.request)
            case .success(let answer): _ = try? stream.respond(status: answer.status, details: "denied")
            case .failure(let failure):
                try? stream.setHeader(mark, "\(failure)")
                stream.resume(.request)
            }
        }
        return .pause
    }

    private func keep(_ request: inout RequestHead, _ path: String) throws -> FilterAction {
        let key = request.text(named: "x-key") ?? ""
        switch path {
        case "/store": try request.setHeader(self.mark, try self.useStore(&request, key))
        case "/tokens":
            let answers = (1...3).map { _ in request.take(from: self.buckets, key: key.utf8.span) }
            let texts = answers.map { "\($0.isAllowed) \($0.remaining) \($0.retryAfter > .zero)" }
            try request.setHeader(self.mark, texts.joined(separator: ", "))
        case "/metadata":
            request.setMetadata("behaviours", "who", "j\"son")
            request.setMetadata("behaviours", "half", 0.5)
            request.setMetadata("behaviours", "two", 2.0)
            let isTaken = request.setMetadata(
                "behaviours", "json", json: #"{ "b": [1.0, null], "a": "\u00e9" }"#)
            let isRefused = !request.setMetadata("behaviours", "json", json: "{")
            let values = ["who", "half", "two", "json", "none"].map {
                request.metadata("behaviours", $0) ?? "-"
            }
            let text = values.joined(separator: " ") + " \(isTaken) \(isRefused)"
            try request.setHeader(self.mark, text + " " + (request.text(self.metadata) ?? "-"))
        case "/observe": request.observe(7, in: self.size)
        default: break
        }
        return .continue
    }

    private func useStore(_ request: inout RequestHead, _ key: String) throws -> String {
        var found: [String] = []
        func note(_ bytes: [UInt8]?) {
            found.append(bytes.map { String(decoding: $0, as: UTF8.self) } ?? "-")
        }
        note(request.get(key, in: self.store))
        try request.set(key, "a".utf8.span, in: self.store, lifetime: .seconds(100))
        note(request.get(key, in: self.store))
        found.append("\(request.compareAndSet(key, expected: nil, "b".utf8.span, in: self.store))")
        found.append(
            "\(request.compareAndSet(key, expected: Array("a".utf8), "b".utf8.span, in: self.store))")
        do { try request.increment(key, in: self.store) } catch { found.append("no number") }
        found.append("\(request.remove(key, from: self.store)) \(request.remove(key, from: self.store))")
        found.append("\(try request.increment(key, by: 5, in: self.store))")
        found.append("\(try request.increment(key, by: -2, in: self.store))")
        do { try request.set(String(repeating: "k", count: 1025), "".utf8.span, in: self.store) } catch {
            found.append("too long")
        }
        return found.joined(separator: " ")
    }
}
