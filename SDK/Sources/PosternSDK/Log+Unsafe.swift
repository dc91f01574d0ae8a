internal import CPosternABI

/// The proxy's log; lines carry the filter's name.
///
/// May be kept in the filter and used from any thread while the filter lives.
public struct Log: Sendable {
    /// How loud a line is.
    public enum Level: UInt32, Sendable {
        /// From the least to the most urgent.
        case trace, debug, info, warning, error, critical
    }

    // SAFETY: the host's table is never freed; the host keeps `config` until config_destroy returns, and the
    // filter or adapter that holds this value is released before that.
    nonisolated(unsafe) let table: UnsafePointer<postern_log_interface>
    nonisolated(unsafe) let config: OpaquePointer

    /// Whether a line of that level would be written.
    public func isLogged(_ level: Level) -> Bool {
        self.table.pointee.is_logged(self.config, level.rawValue) != 0
    }

    /// Writes a line; `message` is built only when it will be written. Never log a secret.
    public func callAsFunction(_ level: Level, _ message: @autoclosure () -> String) {
        guard self.isLogged(level) else { return }
        withBytes(message()) { self.table.pointee.write(self.config, level.rawValue, $0) }
    }
}
