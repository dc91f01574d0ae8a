internal import Filtering
internal import GatewayConfig
internal import Primitives

extension StreamMetadata {
    /// JSON of one value, of a space, or of all; nil when there is none.
    func json(space: String?, key: String?) -> String? {
        guard let space else {
            return MetadataValue.object(self.spaces.mapValues { .object($0) }).node.json()
        }
        guard let values = self.spaces[space] else { return nil }
        guard let key else { return MetadataValue.object(values).node.json() }
        return values[key]?.node.json()
    }
}
