internal import Primitives

/// One line of Postern's own log, as its parts. Never put a secret in one: values are written as they are.
struct LogLine {
    let level: LogLevel
    let module: String
    let message: String
    let fields: KeyValuePairs<StaticString, LogValue>
    let wall: WallTime
    let monotonic: MonotonicTime

    func append(_ format: LogFormat, to buffer: ByteBuffer) {
        switch format {
        case .text: self.appendText(to: buffer)
        case .json: self.appendJSON(to: buffer)
        }
    }

    /// `2026-01-31T08:05:09.123456Z info dataplane listener is up address=0.0.0.0:8080 monotonic=12.000345`
    private func appendText(to buffer: ByteBuffer) {
        LineFormat.appendTime(self.wall.nanosecondsSinceEpoch, digits: 6, to: buffer)
        buffer.append(" ")
        buffer.append(self.level.name)
        buffer.append(" ")
        self.module.withByteView { LineFormat.appendText($0, to: buffer) }
        buffer.append(" ")
        // A message is not in quotes, so its own stay as they are.
        self.message.withByteView { LineFormat.appendText($0, quotes: false, to: buffer) }
        for (key, value) in self.fields {
            buffer.append(" ")
            buffer.append(key)
            buffer.append("=")
            self.appendText(value, to: buffer)
        }
        buffer.append(" monotonic=")
        self.appendMonotonic(to: buffer)
        buffer.append("\n")
    }

    private func appendText(_ value: LogValue, to buffer: ByteBuffer) {
        switch value {
        case .integer(let number): buffer.append(String(number))
        case .text(let text):
            let isBare =
                !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x3D }
            if !isBare { buffer.append("\"") }
            text.withByteView { LineFormat.appendText($0, quotes: !isBare, to: buffer) }
            if !isBare { buffer.append("\"") }
        }
    }

    private func appendJSON(to buffer: ByteBuffer) {
        buffer.append("{\"time\":\"")
        LineFormat.appendTime(self.wall.nanosecondsSinceEpoch, digits: 6, to: buffer)
        buffer.append("\",\"monotonic\":")
        self.appendMonotonic(to: buffer)
        buffer.append(",\"level\":\"")
        buffer.append(self.level.name)
        buffer.append("\",\"module\":\"")
        self.module.withByteView { LineFormat.appendJSON($0, to: buffer) }
        buffer.append("\",\"message\":\"")
        self.message.withByteView { LineFormat.appendJSON($0, to: buffer) }
        buffer.append("\"")
        for (key, value) in self.fields {
            buffer.append(",\"")
            buffer.append(key)
            buffer.append("\":")
            switch value {
            case .integer(let number): buffer.append(String(number))
            case .text(let text):
                buffer.append("\"")
                text.withByteView { LineFormat.appendJSON($0, to: buffer) }
                buffer.append("\"")
            }
        }
        buffer.append("}\n")
    }

    /// Seconds with microseconds.
    private func appendMonotonic(to buffer: ByteBuffer) {
        buffer.appendDecimal(self.monotonic.nanoseconds / 1_000_000_000)
        buffer.append(".")
        LineFormat.appendPadded(self.monotonic.nanoseconds % 1_000_000_000 / 1000, 6, to: buffer)
    }
}
