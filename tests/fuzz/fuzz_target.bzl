"""A fuzz target: a replay of its corpus for every test run, and a libFuzzer program for tools/fuzz."""

def fuzz_target(name, deps):
    deps = deps + [":fuzz_target", "@debian//:absl"]
    native.cc_test(
        name = name + "_test",
        size = "small",
        srcs = [name + ".cc", "replay_test.cc"],
        data = native.glob(["corpus/" + name + "/*"]),
        env = {"FUZZ_CORPUS": "tests/fuzz/corpus/" + name},
        deps = deps + ["@debian//:gtest_main"],
    )
    native.cc_binary(
        name = name + "_fuzzer",
        testonly = True,
        srcs = [name + ".cc"],
        linkopts = ["-fsanitize=fuzzer"],
        tags = ["manual"],  # clang only
        deps = deps,
    )
