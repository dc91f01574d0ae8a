internal import Glibc

/// The child's side of a probe: loads one file and tries configurations, telling the parent at each step.
struct ProbeChild {
    /// The socket that the parent gave as standard input.
    private let socket: Int32 = 0
    private var reader = ProbeRecordReader()

    /// - Parameter arguments: The private copy, and where it came from.
    /// - Returns: The exit status.
    static func main(_ arguments: [String]) -> Int32 {
        guard arguments.count == 2 else { return 64 }
        // The plugin has no business with what the parent had open.
        for descriptor in listFolder("/proc/self/fd").compactMap(Int32.init) where descriptor > 2 {
            close(descriptor)
        }
        // A crash is what the probe is for: no core file.
        var noCore = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &noCore)
        var child = Self()
        return child.run(file: arguments[0], origin: arguments[1])
    }

    private mutating func run(file: String, origin: String) -> Int32 {
        self.say(.step, "loading it")
        let image: PluginImage
        do { image = try PluginImage.load(file, origin: origin, digest: "") } catch {
            self.say(.refused, "\(error.code) \(error.message)")
            return 1
        }
        let description = image.description
        self.say(.name, description.name)
        self.say(.version, description.version)
        self.say(.abi, description.abi)
        self.say(.swift, description.swift ?? "")
        self.say(.kind, description.kind.rawValue)
        self.say(.phases, description.phases.joined(separator: " "))
        self.say(.templates, description.templates.joined(separator: " "))
        self.say(.state, "\(description.streamStateBytes)")
        self.say(.schema, description.schema)
        var number = 0
        while let record = self.read(), record.tag == .config {
            number += 1
            self.say(.step, "configuration \(number)")
            self.try(record.text, image)
            self.say(.tried)
        }
        self.say(.done)
        return 0
    }

    private func `try`(_ json: [UInt8], _ image: PluginImage) {
        do {
            let name = image.description.name
            if image.description.kind == .adapter {
                _ = try NativeAdapter(image: image, name: name, json: json, host: ProbeHost())
            } else {
                _ = try PluginBlueprint(
                    image: image, name: name, place: "probe", json: json, host: ProbeHost())
            }
        } catch {
            for problem in error.problems { self.say(.problem, "\(problem.pointer)\n\(problem.message)") }
        }
    }

    private func say(_ tag: ProbeRecord.Tag, _ text: String = "") {
        let bytes = ProbeRecord(tag, text).encoded
        var sent = 0
        while sent < bytes.count {
            // SAFETY: `sent < count`, so the pointer stays within the array.
            let count = bytes.withUnsafeBytes {
                send(self.socket, $0.baseAddress.map { $0 + sent }, $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    private mutating func read() -> ProbeRecord? {
        while true {
            if let record = self.reader.next() { return record }
            if self.reader.isMalformed { return nil }
            let chunk = receive(self.socket)
            if chunk.isEmpty { return nil }
            self.reader.append(chunk)
        }
    }
}

/// Up to 64 KiB that have come; none at the end or on an error.
func receive(_ socket: Int32) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
        // SAFETY: `read` writes at most the size given and says how much.
        repeat { count = Glibc.read(socket, buffer.baseAddress, 65_536) } while count < 0 && errno == EINTR
        count = max(count, 0)
    }
}
