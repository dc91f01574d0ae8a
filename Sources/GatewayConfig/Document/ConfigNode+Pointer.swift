extension ConfigNode {
    /// The value that a JSON pointer (RFC 6901) names, or the nearest around it that there is.
    ///
    /// For problems that a plugin reports by pointer: the result's `location` is where to point the operator.
    public func nearest(toPointer pointer: String) -> ConfigNode {
        var node = self
        for step in pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            guard let next = node.child(Self.unescaped(step)) else { break }
            node = next
        }
        return node
    }

    private func child(_ step: String) -> ConfigNode? {
        guard case .array(let elements) = self.value else { return self[step] }
        guard let index = Int(step), elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// `~1` is `/` and `~0` is `~`.
    private static func unescaped(_ step: Substring) -> String {
        var text = ""
        var isEscape = false
        for character in step {
            if isEscape {
                text.append(character == "1" ? "/" : "~")
                isEscape = false
            } else if character == "~" {
                isEscape = true
            } else {
                text.append(character)
            }
        }
        return text
    }
}
