internal import DataPlane
internal import Telemetry

/// The arguments of `postern-proxy`. Read by hand, because ArgumentParser brings FoundationEssentials, which
/// the data plane does not link, and `getopt_long` is not visible from Swift.
enum ProxyArguments {
    enum Outcome {
        case run(Gateway.Options)
        case help
        case refused(String)
    }

    static let help = """
        usage: postern-proxy [-c FILE] [--log-level LEVEL] [--log-format FORMAT] [--admin-address-path FILE]

          -c, --config FILE              the configuration; default postern.yaml
          --log-level LEVEL              trace, debug, info (default), warning, error or critical
          --log-format FORMAT            text (default) or json
          --admin-address-path FILE      writes the admin endpoint's address there once it listens
          -h, --help                     this text

        SIGHUP or a changed file reloads; SIGTERM answers what has begun and ends;
        SIGUSR1 reopens the access log.
        """

    /// - Parameter arguments: Without the program's name.
    static func parse(_ arguments: ArraySlice<String>) -> Outcome {
        var options = Gateway.Options(
            path: "postern.yaml", logLevel: .info, logFormat: .text, adminAddressPath: nil)
        var rest = arguments
        while let argument = rest.popFirst() {
            if argument == "-h" || argument == "--help" { return .help }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
                String.init)
            let name = parts[0]
            guard ["-c", "--config", "--log-level", "--log-format", "--admin-address-path"].contains(name)
            else {
                return .refused("unknown argument '\(argument)'")
            }
            guard let value = parts.count > 1 ? parts[1] : rest.popFirst() else {
                return .refused("\(name) must have a value")
            }
            switch name {
            case "--log-level":
                guard let level = LogLevel(name: value) else {
                    return .refused(
                        "--log-level must be trace, debug, info, warning, error or critical, got '\(value)'")
                }
                options.logLevel = level
            case "--log-format":
                guard let format = LogFormat(rawValue: value) else {
                    return .refused("--log-format must be text or json, got '\(value)'")
                }
                options.logFormat = format
            case "--admin-address-path": options.adminAddressPath = value
            default: options.path = value
            }
        }
        return .run(options)
    }
}
