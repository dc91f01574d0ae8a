public import Filtering
public import GatewayConfig
internal import Primitives

/// Compiled ``HeaderChanges``: removes, sets and adds fields, in that order.
public struct HeaderMutations: Sendable {
    private enum Kind { case remove, set, add }

    /// Names and values lie in one run of bytes, so that applying them counts no references.
    private struct Change {
        let kind: Kind
        let id: HeaderID
        let name: Range<Int>
        let value: Range<Int>
    }

    private var text: [UInt8] = []
    private var changes: [Change] = []

    public init(_ changes: HeaderChanges) {
        for name in changes.remove { self.append(.remove, name, "") }
        for pair in changes.set { self.append(.set, pair.name, pair.value) }
        for pair in changes.add { self.append(.add, pair.name, pair.value) }
    }

    private mutating func append(_ kind: Kind, _ name: String, _ value: String) {
        let start = self.text.count
        self.text += name.utf8
        let middle = self.text.count
        self.text += value.utf8
        self.changes.append(
            Change(
                kind: kind, id: name.withByteView(HeaderID.of), name: start..<middle,
                value: middle..<self.text.count
            )
        )
    }

    /// Whether it changes nothing.
    public var isEmpty: Bool { self.changes.isEmpty }

    /// Applies the changes; to set or add `host` replaces the authority, which is where a block keeps the
    /// Host field.
    ///
    /// - Returns: ``HeaderEdit/done``, or why the first change failed that did; the others are made all the
    ///   same. In a checked configuration only ``HeaderEdit/tooLarge`` can occur.
    @discardableResult
    public func apply(to block: HeaderBlock) -> HeaderEdit {
        if self.changes.isEmpty { return .done }
        return self.text.withByteView { text in
            var result = HeaderEdit.done
            for change in self.changes {
                let edit = Self.apply(change, text[change.name], text[change.value], to: block)
                if result == .done { result = edit }
            }
            return result
        }
    }

    private static func apply(
        _ change: Change, _ name: ByteView, _ value: ByteView, to block: HeaderBlock
    ) -> HeaderEdit {
        switch change.kind {
        case .remove:
            if change.id == .other { block.removeAll(named: name) } else { block.removeAll(change.id) }
            return .done
        case .set, .add:
            if change.id == .host { return block.set(ByteView(":authority"), value) }
            if change.kind == .add { return block.add(name, value) }
            return change.id == .other ? block.set(name, value) : block.set(change.id, value)
        }
    }
}
