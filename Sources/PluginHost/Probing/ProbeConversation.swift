internal import Primitives

/// The parent's side of a probe.
struct ProbeConversation: ~Copyable {
    private var child: ChildProcess
    private let deadline: MonotonicTime
    private let timeout: Duration
    private var reader = ProbeRecordReader()
    private var description: PluginDescription
    private var problems: [[PluginProblem]] = []
    private var step = "starting"
    /// The beginning of what the child wrote to standard error.
    private var errorText: [UInt8] = []
    private var errorsOpen = true

    init(_ child: consuming ChildProcess, origin: String, digest: String, timeout: Duration) {
        self.child = child
        self.timeout = timeout
        self.deadline = MonotonicTime.now().advanced(by: timeout)
        self.description = PluginDescription(
            name: "", version: "", abi: "", swift: nil, digest: digest, path: origin, schema: ""
        )
    }

    mutating func run(_ configs: (PluginDescription) -> [[UInt8]]) throws(PluginError) -> ProbeReport {
        var tried: [PluginProblem] = []
        while true {
            let record = try self.next()
            switch record.tag {
            case .step: self.step = record.string
            case .refused: throw self.refusal(record.string)
            case .name: self.description.name = record.string
            case .version: self.description.version = record.string
            case .abi: self.description.abi = record.string
            case .swift: self.description.swift = record.string.isEmpty ? nil : record.string
            case .kind: self.description.kind = PluginKind(rawValue: record.string) ?? .httpFilter
            case .phases:
                self.description.phases = record.string.split(separator: " ").map(String.init)
            case .templates:
                self.description.templates = record.string.split(separator: " ").map(String.init)
            case .state: self.description.streamStateBytes = Int(record.string) ?? 0
            case .schema:
                self.description.schema = record.string
                for config in configs(self.description) {
                    self.child.send(ProbeRecord(.config, bytes: config).encoded)
                }
                self.child.send(ProbeRecord(.end).encoded)
            case .problem: tried.append(Self.problem(record.string))
            case .tried:
                self.problems.append(tried)
                tried = []
            case .done: return ProbeReport(description: self.description, problems: self.problems)
            case .config, .end: throw self.crash("sent what no probe sends")
            }
        }
    }

    private mutating func next() throws(PluginError) -> ProbeRecord {
        while true {
            if let record = self.reader.next() { return record }
            if self.reader.isMalformed { throw self.crash("wrote to standard input, which is the host's") }
            guard let ready = self.child.wait(until: self.deadline, errorsOpen: self.errorsOpen) else {
                throw self.crash("did not finish within \(self.timeout)")
            }
            if ready.errors { self.readErrors() }
            guard ready.socket else { continue }
            let chunk = receive(self.child.socket)
            if chunk.isEmpty {
                let ending = self.child.ending(until: self.deadline)
                while self.errorsOpen, self.child.wait(until: self.deadline, errorsOpen: true)?.errors == true
                {
                    self.readErrors()
                }
                throw self.crash(ending ?? "closed its connection and went on")
            }
            self.reader.append(chunk)
        }
    }

    private mutating func readErrors() {
        let chunk = receive(self.child.errors)
        if chunk.isEmpty { self.errorsOpen = false }
        if self.errorText.count < 4096 { self.errorText += chunk }
    }

    private func crash(_ what: String) -> PluginError {
        let text = String(decoding: self.errorText, as: UTF8.self)
        let line = text.split(whereSeparator: \.isNewline).first.map { " (\($0.prefix(200)))" } ?? ""
        let advice =
            self.step == "loading it"
            ? "; is the file complete? Write it elsewhere and rename it into place" : ""
        return PluginError(
            code: .crashed,
            message: "\(self.description.path): the child process that tried it \(what) while \(self.doing)"
                + line + advice
        )
    }

    private var doing: String { self.step.hasPrefix("configuration") ? "checking \(self.step)" : self.step }

    private func refusal(_ text: String) -> PluginError {
        let code: PluginError.Code = text.hasPrefix("unreadable ") ? .unreadable : .refused
        return PluginError(
            code: code, message: text.split(separator: " ", maxSplits: 1).last.map(String.init) ?? text)
    }

    private static func problem(_ text: String) -> PluginProblem {
        let parts = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        return PluginProblem(
            pointer: String(parts.first ?? ""), message: parts.count > 1 ? String(parts[1]) : "")
    }
}
