/// Why a text is no configuration at all: reading stopped here.
struct ConfigSyntaxError: Error {
    var problem: ConfigProblem

    init(_ location: ConfigLocation, _ message: String) { self.problem = ConfigProblem(location, message) }
}
