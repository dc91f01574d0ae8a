internal import Primitives

/// Values as texts, for commands and tests. Allocates.
public enum ValueText {
    /// What `string()` gives, for all but lists and maps.
    public static func plain(_ value: Value) -> String {
        let buffer = ByteBuffer(capacity: 64)
        value.writeScalar(to: buffer)
        return buffer.view.string
    }

    /// Times with three, six or nine digits after the point, as protobuf's JSON form has them.
    public static func inThrees(_ value: Value) -> String {
        let buffer = ByteBuffer(capacity: 64)
        switch value.kind {
        case .timestamp: Timestamp.write(value, to: buffer, inThrees: true)
        case .duration: DurationText.write(value.integer, to: buffer, inThrees: true)
        default: value.writeScalar(to: buffer)
        }
        return buffer.view.string
    }

    /// The bytes of a text in base64.
    public static func base64(_ value: Value) -> String {
        let buffer = ByteBuffer(capacity: 64)
        if let text = value.asText { Base64.encode(text, to: buffer) }
        return buffer.view.string
    }
}
