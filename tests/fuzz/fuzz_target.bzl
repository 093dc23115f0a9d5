"""A fuzz target: a replay of its corpus for every test run, and a libFuzzer program for tools/fuzz."""

def fuzz_target(name, deps, data = [], mutations = 3000, mutator = [], mutator_deps = []):
    """Makes NAME_test and NAME_fuzzer.

    Args:
      name: of the target, its source NAME.cc and its seeds corpus/NAME.
      deps: what the source needs.
      data: files that it reads when it runs.
      mutations: how many changed seeds the test tries: fewer where each takes long.
      mutator: sources of a LLVMFuzzerCustomMutator, for libFuzzer only.
      mutator_deps: what those need besides.
    """
    deps = deps + [":fuzz_target", "@debian//:absl"]
    native.cc_test(
        name = name + "_test",
        size = "small",
        srcs = [name + ".cc", "replay_test.cc"],
        data = native.glob(["corpus/" + name + "/*"]) + data,
        env = {
            "FUZZ_CORPUS": "tests/fuzz/corpus/" + name,
            "FUZZ_MUTATIONS": str(mutations),
        },
        deps = deps + ["@debian//:gtest_main"],
    )
    native.cc_binary(
        name = name + "_fuzzer",
        testonly = True,
        srcs = [name + ".cc"] + mutator,
        data = data,
        linkopts = ["-fsanitize=fuzzer"],
        tags = ["manual"],  # clang only
        deps = deps + mutator_deps,
    )
