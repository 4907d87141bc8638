"""C++ from .proto files, by Debian's protoc and gRPC plugin."""

def homeport_proto_library(name, srcs, visibility = None):
    """One cc_library with the messages and services of `srcs` (all of one folder).

    Args:
      name: of the library.
      srcs: .proto files; they import each other by their path from the root.
      visibility: as everywhere.
    """
    stems = [src[:-len(".proto")] for src in srcs]
    headers = [stem + suffix for stem in stems for suffix in [".pb.h", ".grpc.pb.h"]]
    sources = [stem + suffix for stem in stems for suffix in [".pb.cc", ".grpc.pb.cc"]]
    native.genrule(
        name = name + "_gen",
        srcs = srcs,
        outs = headers + sources,
        cmd = "protoc --proto_path=. --cpp_out=$(GENDIR) --grpc_out=$(GENDIR) " +
              "--plugin=protoc-gen-grpc=$$(command -v grpc_cpp_plugin) $(SRCS)",
    )
    native.cc_library(
        name = name,
        srcs = sources,
        hdrs = headers,
        copts = ["-w"],
        visibility = visibility,
        deps = ["//third_party:grpc"],
    )
