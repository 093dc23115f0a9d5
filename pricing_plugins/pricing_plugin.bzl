"""pricing_plugin: a pricing strategy as a shared library that exports one symbol."""

_EXPORTS = "//pricing_plugins:pricing_plugin.lds"

def pricing_plugin(name, srcs, deps = [], copts = [], linkopts = [], **kwargs):
    """Makes lib<name>.so, with the contract's headers at hand.

    Args:
      name: of the strategy; the target and the file are lib<name>.so.
      srcs: C11 or C++ sources.
      deps: static libraries that go into it, for example the C++ kit.
      copts: more options for its sources.
      linkopts: more options for its linking. A library that needs others than the system's C and
        C++ libraries, or brings a search path, is refused when it is loaded.
      **kwargs: passed on to cc_binary (visibility, testonly, local_defines).
    """
    native.cc_binary(
        name = "lib%s.so" % name,
        srcs = srcs,
        copts = ["-fvisibility=hidden"] + copts,
        linkopts = [
            "-Wl,--version-script=$(location %s)" % _EXPORTS,
            "-Wl,-z,relro,-z,now",
        ] + linkopts,
        linkshared = True,
        deps = deps + [_EXPORTS, "//pricing_plugins/abi:topup_pricing"],
        **kwargs
    )
