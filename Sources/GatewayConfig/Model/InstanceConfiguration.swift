/// What is made of a request for handlers.
public struct InstanceConfiguration: Sendable {
    /// What rules call it. Required. Key `name`.
    public var name: String
    /// The template's name, such as `logentry`. Required. Key `template`.
    public var template: String
    /// What the template wants; most values are expressions. Default an empty object. Key `params`.
    public var params = ConfigNode(.object([]))
    /// With `template: attributes`: which attributes are made of what the adapter answers. Key
    /// `attributeBindings`.
    public var attributeBindings = ConfigNode(.object([]))
    public var location = ConfigLocation.none

    public init(name: String, template: String) {
        self.name = name
        self.template = template
    }

    /// The names of all templates.
    public static let templates = [
        "metric", "logentry", "tracespan", "edge", "reportnothing", "checknothing", "listentry",
        "authorization", "apikey", "quota", "attributes",
    ]
}
