"""@debian: Debian's development packages as Bazel targets.

Headers live in /usr/include, which is one of the compiler's built-in include
directories, so they need no declaration; the installed package version goes
into a -D so an apt upgrade re-runs the actions that use the library.
"""

# target: (debian package, pkg-config modules, linkopts in the place of pkg-config's, deps)
LIBS = {
    "protobuf": ("libprotobuf-dev", ["protobuf"], [], []),
    "absl": ("libabsl-dev", ["absl_strings", "absl_status", "absl_statusor", "absl_synchronization", "absl_time", "absl_flat_hash_map", "absl_flat_hash_set", "absl_str_format", "absl_cord", "absl_hash", "absl_random_random", "absl_cleanup"], [], []),
    "absl_flags": ("libabsl-dev", ["absl_flags", "absl_flags_parse", "absl_flags_usage"], [], ["absl"]),
    "grpcpp": ("libgrpc++-dev", [], ["-lgrpc++", "-lgrpc", "-lgpr"], ["protobuf", "absl"]),
    "grpcpp_reflection": ("libgrpc++-dev", [], ["-lgrpc++_reflection"], ["grpcpp"]),
    "grpcpp_channelz": ("libgrpc++-dev", [], ["-lgrpcpp_channelz"], ["grpcpp"]),
    "gtest": ("libgtest-dev", ["gtest", "gmock"], [], []),
    "gtest_main": ("libgtest-dev", ["gmock_main"], [], ["gtest"]),
    "benchmark": ("libbenchmark-dev", ["benchmark"], [], []),
    "sqlite3": ("libsqlite3-dev", ["sqlite3"], [], []),
    "openssl": ("libssl-dev", ["openssl"], [], []),
    "httplib": ("libcpp-httplib-dev", ["cpp-httplib"], [], ["openssl"]),
    "nlohmann_json": ("nlohmann-json3-dev", ["nlohmann_json"], [], []),
    "re2": ("libre2-dev", ["re2"], [], []),
    "lua": ("liblua5.4-dev", ["lua5.4"], ["-l:liblua5.4.a", "-lm"], []),
    "prometheus": ("prometheus-cpp-dev", ["prometheus-cpp-core"], [], []),
}

def _run(rctx, args):
    r = rctx.execute(args)
    if r.return_code:
        fail("%s: %s" % (" ".join(args), r.stderr))
    return r.stdout.strip()

def _rustc(rctx):
    rustc = rctx.which("rustc")
    if rustc == None and "HOME" in rctx.os.environ:
        at_home = rctx.path(rctx.os.environ["HOME"] + "/.cargo/bin/rustc")
        rustc = at_home if at_home.exists else None
    if rustc == None:
        return ""

    # What is found may be a proxy that asks the home directory which compiler it stands for.
    real = rctx.path(_run(rctx, [rustc, "--print", "sysroot"]) + "/bin/rustc")
    rustc = real if real.exists else rustc
    return "%s\n%s\n" % (rustc, _run(rctx, [rustc, "--version"]))

def _impl(rctx):
    if rctx.which("pkg-config") == None:
        fail("pkg-config is missing: run tools/setup")
    out = ['package(default_visibility = ["//visibility:public"])']
    for name, (pkg, mods, extra, deps) in LIBS.items():
        r = rctx.execute(["dpkg-query", "-W", "-f=${Version}", pkg])
        if r.return_code or not r.stdout:
            # missing package: only targets that use it fail, with the remedy
            out.append('genrule(name = "%s", outs = ["%s.h"], cmd = "echo package %s is missing: run tools/setup >&2; exit 1")' % (name, name, pkg))
            continue
        ver = r.stdout.strip()
        for c in [":", "+", "~", "-", "."]:
            ver = ver.replace(c, "_")
        defines, links, copts = ["DEB_%s=%s" % (name.upper(), ver)], [], []
        if mods:
            for f in _run(rctx, ["pkg-config", "--cflags"] + mods).split(" "):
                if f.startswith("-D"):
                    defines.append(f[2:])
                elif f.startswith("-I/usr/include/"):
                    rctx.symlink(f[2:], "include/" + f[2:].rpartition("/")[2])
                    copts.append("include/" + f[2:].rpartition("/")[2])
            for f in [] if extra else _run(rctx, ["pkg-config", "--libs"] + mods).split(" "):
                if f and f not in links:
                    links.append(f)
        out.append("cc_library(name = %r, hdrs = %s, includes = %r, defines = %r, linkopts = %r, deps = %r)" % (
            name,
            "glob([%s])" % ", ".join(['"%s/**/*.h*"' % c for c in copts]) if copts else "[]",
            copts,
            defines,
            links + extra,
            [":" + d for d in deps],
        ))

    # protoc, the gRPC plugin and the well-known types
    rctx.symlink("/usr/bin/protoc", "bin/protoc")
    rctx.symlink("/usr/bin/grpc_cpp_plugin", "bin/grpc_cpp_plugin")
    rctx.symlink("/usr/include/google/protobuf", "wkt/google/protobuf")
    out.append("""
sh_binary(name = "protoc", srcs = ["bin/protoc"])
sh_binary(name = "grpc_cpp_plugin", srcs = ["bin/grpc_cpp_plugin"])
proto_library(
    name = "wkt",
    srcs = glob(["wkt/google/protobuf/*.proto"]),
    strip_import_prefix = "/wkt",
)
proto_lang_toolchain(
    name = "cc_proto_toolchain",
    blacklisted_protos = [":wkt"],
    command_line = "--cpp_out=$(OUT)",
    runtime = ":protobuf",
)
""")

    # google.rpc: the details that errors carry (ErrorInfo, BadRequest, RetryInfo)
    rctx.symlink("/usr/share/gocode/src/github.com/gogo/googleapis/google/rpc", "rpc/google/rpc")
    out.append("""
proto_library(
    name = "google_rpc_proto",
    srcs = ["rpc/google/rpc/error_details.proto", "rpc/google/rpc/status.proto"],
    strip_import_prefix = "/rpc",
    deps = [":wkt"],
)
cc_proto_library(name = "google_rpc_cc_proto", deps = [":google_rpc_proto"])
""")
    # Rust, for the one strategy that is written in it: the compiler's path and version, or nothing.
    rctx.file("rustc.txt", _rustc(rctx))
    out.append('exports_files(["rustc.txt"])')
    rctx.file("WORKSPACE", "")
    rctx.file("BUILD", "\n".join(out) + "\n")

debian_libs = repository_rule(implementation = _impl, local = True, configure = True, environ = ["PATH", "PKG_CONFIG_PATH"])
