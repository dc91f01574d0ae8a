internal import Glibc

/// The environment that the process was started with.
public enum ProcessEnvironment {
    /// The variable called `name`; nil when there is none or it is not UTF-8.
    public static func value(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        return String(validatingCString: value)
    }
}
