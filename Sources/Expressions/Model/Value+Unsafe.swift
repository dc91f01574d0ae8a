public import Primitives

// Texts, lists and maps are an address and a count in a value's two words.

extension Value {
    @inlinable
    init(_ kind: Kind, _ view: ByteView) {
        self.init(kind, UInt64(UInt(bitPattern: view.base)), UInt64(view.count))
    }

    /// A text; need not be valid UTF-8. The bytes stay where they are.
    @inlinable public static func string(_ view: ByteView) -> Value { Value(.string, view) }
    /// The bytes stay where they are.
    @inlinable public static func bytes(_ view: ByteView) -> Value { Value(.bytes, view) }

    /// The bytes of a text, of the name of a type, or of what an error adds to its code.
    @inlinable var view: ByteView {
        // SAFETY: the kinds that have a view were made from one, whose base is not null; whoever made the
        // value says how long it lives.
        guard let base = UnsafeRawPointer(bitPattern: UInt(self.first)) else { return .empty }
        return ByteView(base: base, count: Int(self.second))
    }

    init(list: ValueSpan) {
        self.init(.list, UInt64(UInt(bitPattern: list.base)), UInt64(list.count))
    }

    /// - Parameters:
    ///   - pairs: Keys and values in turn.
    ///   - index: The logarithm of the size of the hash index behind the pairs; 0 when there is none.
    init(map pairs: ValueSpan, index: UInt32) {
        self.init(.map, UInt64(UInt(bitPattern: pairs.base)), UInt64(pairs.count / 2), detail: index)
    }

    /// The elements of a list.
    var elements: ValueSpan { ValueSpan(bits: self.first, count: Int(self.second)) }
    /// Keys and values of a map, in turn.
    var pairs: ValueSpan { ValueSpan(bits: self.first, count: Int(self.second) * 2) }

    /// The element of a list at `index`, which must be less than ``elementCount``.
    public func element(_ index: Int) -> Value { self.elements[index] }
    /// The entry of a map at `index`, which must be less than ``elementCount``.
    public func entry(_ index: Int) -> (key: Value, value: Value) {
        let pairs = self.pairs
        return (pairs[index * 2], pairs[index * 2 + 1])
    }
}

/// Values that lie one after the other in memory that somebody else owns.
struct ValueSpan {
    // SAFETY: `base` addresses `count` initialised values for as long as their owner (an arena, a program or
    // an evaluator's stack) keeps them; indices are checked in debug builds.
    let base: UnsafeMutablePointer<Value>?
    let count: Int

    init(base: UnsafeMutablePointer<Value>?, count: Int) {
        self.base = base
        self.count = count
    }

    init(bits: UInt64, count: Int) {
        self.init(base: UnsafeMutablePointer(bitPattern: UInt(bits)), count: count)
    }

    static var empty: ValueSpan { ValueSpan(base: nil, count: 0) }

    subscript(index: Int) -> Value {
        get {
            assert(index >= 0 && index < self.count)
            return (self.base.unsafelyUnwrapped + index).pointee
        }
        nonmutating set {
            assert(index >= 0 && index < self.count)
            (self.base.unsafelyUnwrapped + index).pointee = newValue
        }
    }

    func prefix(_ count: Int) -> ValueSpan { ValueSpan(base: self.base, count: count) }
}
