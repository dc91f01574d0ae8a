internal import Glibc
internal import PluginHost

// The child of probes in tests: what every executable that loads plugins does first.
exit(PluginProbe.runIfChild() ?? 64)
