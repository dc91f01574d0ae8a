internal import PosternSDK

/// One of gRPC-Web's two forms, as a media type names it.
struct WebForm: Sendable, Equatable {
    /// Bodies are base64, for clients that can read only text.
    let isText: Bool
    /// What stands behind the name of the form: `+proto`, parameters, or nothing.
    let rest: String

    /// - Returns: nil when the media type is not gRPC-Web's.
    init?(_ type: Span<UInt8>) {
        let name = String(type).lowercased()
        for (form, isText) in [("application/grpc-web-text", true), ("application/grpc-web", false)]
        where name.hasPrefix(form) {
            let rest = name.dropFirst(form.count)
            guard rest.isEmpty || rest.hasPrefix("+") || rest.hasPrefix(";") || rest.hasPrefix(" ") else {
                return nil
            }
            self.isText = isText
            self.rest = String(rest)
            return
        }
        return nil
    }

    /// The media type of a body in this form, for what the service has called `application/grpc…`.
    func type(for service: String) -> String {
        "application/grpc-web\(self.isText ? "-text" : "")\(service.dropFirst("application/grpc".count))"
    }
}
