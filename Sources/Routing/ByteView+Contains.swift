internal import Primitives

extension ByteView {
    /// Whether `part` lies somewhere in these bytes.
    ///
    /// - Complexity: O(*n* · *m*), *m* bytes of the part, which the configuration gives.
    func contains(_ part: ByteView) -> Bool {
        guard part.count <= self.count else { return false }
        for start in 0...self.count - part.count where self[start..<start + part.count] == part {
            return true
        }
        return false
    }
}
