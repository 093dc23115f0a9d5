"""topup_proto_library: one .proto file as C++ messages, and as gRPC services where it has any.

Import paths start at //proto, so that every language sees `topup/v1/...`.
"""

def _grpc_sources_impl(ctx):
    info = ctx.attr.proto[ProtoInfo]
    sources, headers, names = [], [], []
    for source in info.direct_sources:
        stem = source.basename[:-len(".proto")]
        sources.append(ctx.actions.declare_file(stem + ".grpc.pb.cc"))
        headers.append(ctx.actions.declare_file(stem + ".grpc.pb.h"))
        names.append(source.path[len(info.proto_source_root) + 1:])
    args = ctx.actions.args()
    args.add("--plugin=protoc-gen-grpc=" + ctx.executable._plugin.path)
    args.add("--grpc_out=%s/proto" % sources[0].root.path)
    args.add_all(info.transitive_proto_path, format_each = "-I%s")
    args.add_all(names)
    ctx.actions.run(
        executable = ctx.executable._protoc,
        tools = [ctx.executable._plugin],
        inputs = info.transitive_sources,
        outputs = sources + headers,
        arguments = [args],
        mnemonic = "GrpcCpp",
        progress_message = "Generating gRPC C++ %s" % ctx.label,
    )
    return [
        DefaultInfo(files = depset(sources + headers)),
        OutputGroupInfo(sources = depset(sources), headers = depset(headers)),
    ]

_grpc_sources = rule(
    implementation = _grpc_sources_impl,
    attrs = {
        "proto": attr.label(providers = [ProtoInfo], mandatory = True),
        "_protoc": attr.label(default = "@debian//:protoc", executable = True, cfg = "exec"),
        "_plugin": attr.label(default = "@debian//:grpc_cpp_plugin", executable = True, cfg = "exec"),
    },
)

def topup_proto_library(name, src, deps = [], services = False, **kwargs):
    """Makes NAME_proto, NAME_cc_proto and, with `services`, NAME_cc_grpc.

    Args:
      name: stem of the targets.
      src: the .proto file.
      deps: stems of the libraries it imports, as full labels without a suffix.
      services: whether the file declares gRPC services.
      **kwargs: passed on (visibility, testonly).
    """
    native.proto_library(
        name = name + "_proto",
        srcs = [src],
        strip_import_prefix = "/proto",
        deps = [dep + "_proto" for dep in deps] + ["@debian//:wkt"],
        **kwargs
    )
    native.cc_proto_library(name = name + "_cc_proto", deps = [":" + name + "_proto"], **kwargs)
    if services:
        _grpc_sources(name = name + "_grpc_gen", proto = ":" + name + "_proto")
        native.filegroup(name = name + "_grpc_sources", srcs = [name + "_grpc_gen"], output_group = "sources")
        native.filegroup(name = name + "_grpc_headers", srcs = [name + "_grpc_gen"], output_group = "headers")
        native.cc_library(
            name = name + "_cc_grpc",
            srcs = [name + "_grpc_sources"],
            hdrs = [name + "_grpc_headers"],
            strip_include_prefix = "/proto",
            deps = [":" + name + "_cc_proto", "@debian//:grpcpp"] + [dep + "_cc_proto" for dep in deps],
            **kwargs
        )
