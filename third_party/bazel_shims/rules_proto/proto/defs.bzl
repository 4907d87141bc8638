"""Maps the names that Bazel's own repositories load to the built-in proto rules."""

proto_lang_toolchain = native.proto_lang_toolchain
proto_library = native.proto_library
