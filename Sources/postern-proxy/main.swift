internal import DataPlane
internal import Glibc

func fail(_ message: String) -> Never {
    let line = "postern-proxy: \(message)\n"
    write(2, line, line.utf8.count)
    exit(Gateway.ExitCode.unreadable.rawValue)
}

Gateway.prepareProcess()
if let code = Gateway.runIfProbe() { exit(code) }
switch ProxyArguments.parse(CommandLine.arguments.dropFirst()) {
case .help: print(ProxyArguments.help)
case .refused(let reason): fail("\(reason)\n\n\(ProxyArguments.help)")
case .run(let options):
    do {
        exit(try Gateway(options).run().rawValue)
    } catch {
        fail("\(error)")
    }
}
