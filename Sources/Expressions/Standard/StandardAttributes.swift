/// The manifest that rules of the gateway are checked against.
public enum StandardAttributes {
    public static let manifest = AttributeManifest(
        StandardAttribute.allCases.map { (name: $0.name, type: $0.type) })
}
