public import CPosternABI

/// Header or trailer fields that a hook can read and change.
///
/// Views (`Span`) end at the next change; the compiler sees to it. Names compare without case.
public protocol FieldSection: HTTPStream, ~Copyable {
    /// For the SDK: `postern_section`.
    var _section: UInt32 { get }
}

/// Why a field was not changed.
public enum FieldError: Error, Sendable, Hashable {
    /// The name is no token or the value holds control characters (RFC 9110, 5.1 and 5.5).
    case malformed
    /// The section would exceed the host's limits.
    case tooLarge
    /// The section cannot be changed in this hook.
    case wrongPhase

    @usableFromInline
    init(_ status: postern_status) {
        switch status {
        case 4: self = .tooLarge
        case 3: self = .wrongPhase
        default: self = .malformed
        }
    }
}

extension FieldSection where Self: ~Copyable {
    @inlinable
    var headers: UnsafePointer<postern_http_headers_interface> { self._call.services.pointee.headers }

    /// The value of the first field called `name`, without a copy.
    @inlinable
    @_lifetime(borrow self)
    public borrowing func header(_ name: HeaderName) -> Span<UInt8>? {
        var found = postern_bytes()
        guard self.headers.pointee.get(self._call.stream, self._section, name.id, &found) == 0 else {
            return nil
        }
        return _overrideLifetime(found.span, borrowing: self)
    }

    /// The value of the first field called `name`, without a copy; slower than by ``HeaderName``.
    @inlinable
    @_lifetime(borrow self)
    public borrowing func header(named name: String) -> Span<UInt8>? {
        var found = postern_bytes()
        let status = withBytes(name) {
            self.headers.pointee.get_named(self._call.stream, self._section, $0, &found)
        }
        guard status == 0 else { return nil }
        return _overrideLifetime(found.span, borrowing: self)
    }

    /// A copy of the first value as text; allocates.
    public borrowing func text(_ name: HeaderName) -> String? {
        guard let value = self.header(name) else { return nil }
        return String(value)
    }

    /// A copy of the first value as text; allocates.
    public borrowing func text(named name: String) -> String? {
        guard let value = self.header(named: name) else { return nil }
        return String(value)
    }

    /// How many fields, pseudo-fields not counted.
    @inlinable
    public var fieldCount: Int { self.headers.pointee.count(self._call.stream, self._section) }

    /// The name of the field at `index`, as it was received; nil past the end.
    @inlinable
    @_lifetime(borrow self)
    public borrowing func fieldName(at index: Int) -> Span<UInt8>? {
        var (name, value) = (postern_bytes(), postern_bytes())
        guard self.headers.pointee.at(self._call.stream, self._section, index, &name, &value) == 0 else {
            return nil
        }
        return _overrideLifetime(name.span, borrowing: self)
    }

    /// The value of the field at `index`; nil past the end.
    @inlinable
    @_lifetime(borrow self)
    public borrowing func fieldValue(at index: Int) -> Span<UInt8>? {
        var (name, value) = (postern_bytes(), postern_bytes())
        guard self.headers.pointee.at(self._call.stream, self._section, index, &name, &value) == 0 else {
            return nil
        }
        return _overrideLifetime(value.span, borrowing: self)
    }

    /// Replaces the first field called `name` and removes others of that name; adds it when there is none.
    @inlinable
    public mutating func setHeader(_ name: HeaderName, _ value: Span<UInt8>) throws(FieldError) {
        let status = withBytes(value) {
            self.headers.pointee.set(self._call.stream, self._section, name.id, $0)
        }
        if status != 0 { throw FieldError(status) }
    }

    /// As `setHeader(_:_:)` with a text.
    @inlinable
    public mutating func setHeader(_ name: HeaderName, _ value: String) throws(FieldError) {
        let status = withBytes(value) {
            self.headers.pointee.set(self._call.stream, self._section, name.id, $0)
        }
        if status != 0 { throw FieldError(status) }
    }

    /// As `setHeader(_:_:)` by the name's text.
    public mutating func setHeader(named name: String, _ value: String) throws(FieldError) {
        let status = withBytes(name) { name in
            withBytes(value) { self.headers.pointee.set_named(self._call.stream, self._section, name, $0) }
        }
        if status != 0 { throw FieldError(status) }
    }

    /// Adds a field behind the others.
    @inlinable
    public mutating func addHeader(_ name: HeaderName, _ value: Span<UInt8>) throws(FieldError) {
        let status = withBytes(value) {
            self.headers.pointee.add(self._call.stream, self._section, name.id, $0)
        }
        if status != 0 { throw FieldError(status) }
    }

    /// As `addHeader(_:_:)` with a text.
    @inlinable
    public mutating func addHeader(_ name: HeaderName, _ value: String) throws(FieldError) {
        let status = withBytes(value) {
            self.headers.pointee.add(self._call.stream, self._section, name.id, $0)
        }
        if status != 0 { throw FieldError(status) }
    }

    /// As `addHeader(_:_:)` by the name's text.
    public mutating func addHeader(named name: String, _ value: String) throws(FieldError) {
        let status = withBytes(name) { name in
            withBytes(value) { self.headers.pointee.add_named(self._call.stream, self._section, name, $0) }
        }
        if status != 0 { throw FieldError(status) }
    }

    /// Removes every field called `name`.
    ///
    /// - Returns: Whether there was one.
    @inlinable
    @discardableResult
    public mutating func removeHeader(_ name: HeaderName) -> Bool {
        self.headers.pointee.remove(self._call.stream, self._section, name.id) == 0
    }

    /// Removes every field called `name`.
    ///
    /// - Returns: Whether there was one.
    @discardableResult
    public mutating func removeHeader(named name: String) -> Bool {
        withBytes(name) { self.headers.pointee.remove_named(self._call.stream, self._section, $0) } == 0
    }
}
