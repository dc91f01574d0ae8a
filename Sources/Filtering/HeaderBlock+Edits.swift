public import Primitives

// Changes by filters and routes: every name and value is checked here, so no edit can split a message.

extension HeaderBlock {
    /// Adds a field behind the others.
    @discardableResult
    public func add(_ name: ByteView, _ value: ByteView) -> HeaderEdit {
        guard HeaderSyntax.isName(name) else { return .invalidName }
        guard HeaderSyntax.isValue(value) else { return .invalidValue }
        guard self.hasRoom(name.count + value.count), self.count < Self.fieldLimit else { return .tooLarge }
        if self.arena.spare < name.count + value.count {
            return self.addGrowing(name, value)
        }
        let nameRange = self.copy(name)
        let valueRange = self.copy(value)
        self.append(
            HeaderField(
                nameStart: Int(nameRange.start), nameLength: name.count, valueStart: Int(valueRange.start),
                valueLength: value.count, id: HeaderID.of(name), isVerbatim: false
            )
        )
        return .done
    }

    /// Growth would free what a view into this very arena shows, so both are copied out first.
    @inline(never)
    private func addGrowing(_ name: ByteView, _ value: ByteView) -> HeaderEdit {
        let (name, value) = (name.bytes, value.bytes)
        self.arena.reserve(name.count + value.count)
        return name.withByteView { name in value.withByteView { self.add(name, $0) } }
    }

    /// Gives the first field called `name` this value, removes others of that name, and adds it when there is
    /// none.
    ///
    /// `:path`, `:authority`, `:method` and `:scheme` set the pseudo-fields.
    @discardableResult
    public func set(_ name: ByteView, _ value: ByteView) -> HeaderEdit {
        if !name.isEmpty, name[0] == 0x3A { return self.setPseudo(name, value) }
        guard let index = self.firstIndex(named: name) else { return self.add(name, value) }
        if self.arena.spare < value.count { return self.setGrowing(name, value) }
        let edit = self.replace(at: index, value)
        if edit == .done { self.removeAll(named: name, from: index + 1) }
        return edit
    }

    /// As ``addGrowing(_:_:)``: the name may lie in this arena too, and is needed after the value was copied.
    @inline(never)
    private func setGrowing(_ name: ByteView, _ value: ByteView) -> HeaderEdit {
        guard self.hasRoom(value.count) else { return .tooLarge }
        let (name, value) = (name.bytes, value.bytes)
        self.arena.reserve(value.count)
        return name.withByteView { name in value.withByteView { self.set(name, $0) } }
    }

    /// As ``set(_:_:)`` for a well-known name, without comparing text.
    @discardableResult
    public func set(_ id: HeaderID, _ value: ByteView) -> HeaderEdit {
        guard let index = self.firstIndex(of: id) else { return self.add(id, value) }
        let edit = self.replace(at: index, value)
        while edit == .done, let other = self.firstIndex(of: id, from: index + 1) { self.remove(at: other) }
        return edit
    }

    /// As ``add(_:_:)`` for a well-known name, written in lower case.
    @discardableResult
    public func add(_ id: HeaderID, _ value: ByteView) -> HeaderEdit {
        self.add(ByteView(id.name), value)
    }

    /// Removes every field called `name`, in any case.
    ///
    /// - Returns: Whether there was one.
    @discardableResult
    public func removeAll(named name: ByteView, from start: Int = 0) -> Bool {
        var found = false
        while let index = self.firstIndex(named: name, from: start) {
            self.remove(at: index)
            found = true
        }
        return found
    }

    /// Removes every field called `id`.
    public func removeAll(_ id: HeaderID) {
        while let index = self.firstIndex(of: id) { self.remove(at: index) }
    }

    /// Replaces the value of the field at `index`.
    public func replace(at index: Int, _ value: ByteView) -> HeaderEdit {
        guard HeaderSyntax.isValue(value) else { return .invalidValue }
        guard self.hasRoom(value.count) else { return .tooLarge }
        self.replaceValue(at: index, self.copy(value))
        return .done
    }

    private func setPseudo(_ name: ByteView, _ value: ByteView) -> HeaderEdit {
        guard self.hasRoom(value.count) else { return .tooLarge }
        if name == ":path" {
            guard HeaderSyntax.isPath(value) else { return .invalidValue }
            self.setPath(self.copy(value))
        } else if name == ":authority" {
            guard HeaderSyntax.isAuthority(value) else { return .invalidValue }
            self.setAuthority(self.copy(value))
        } else if name == ":method" {
            // Whether a request opens a tunnel is the codec's to decide.
            guard HeaderSyntax.isName(value), value == self.method || !(value == "CONNECT"),
                value == self.method || !(self.method == "CONNECT")
            else { return .invalidValue }
            self.setMethod(self.copy(value))
        } else if name == ":scheme" {
            guard value == "http" || value == "https" else { return .invalidValue }
            self.setScheme(self.copy(value))
        } else if name == ":status" {
            guard let status = value.decimal(), (200...599).contains(status), self.status != 0 else {
                return .invalidValue
            }
            self.status = Int(status)
        } else {
            return .invalidName
        }
        return .done
    }

    /// Copies bytes into the arena.
    @inlinable
    public func copy(_ bytes: ByteView) -> ArenaRange {
        let range = ArenaRange(start: self.arena.writeIndex, length: bytes.count)
        self.arena.append(bytes)
        return range
    }

    private func hasRoom(_ bytes: Int) -> Bool { self.arena.writeIndex + bytes <= Self.arenaLimit }
}
