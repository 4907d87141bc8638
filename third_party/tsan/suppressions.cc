// What ThreadSanitizer is not to report, for --config=tsan only; in the program itself, so that it
// goes where the program goes.
//
// Debian's gRPC, protobuf and Abseil are compiled without ThreadSanitizer: it sees what they
// allocate, copy and free, but not the atomics that order it. Nothing here names a frame that code
// of ours can be called from, or that leads to code of ours: a race of ours in a callback of gRPC's
// is reported.
extern "C" const char* __tsan_default_suppressions();

const char* __tsan_default_suppressions() {
  return
      // What these libraries themselves do through libc.
      "called_from_lib:libgrpc.so\n"
      "called_from_lib:libgrpc++.so\n"
      "called_from_lib:libgpr.so\n"
      "called_from_lib:libprotobuf.so\n"
      // Its TLS; the reference counts there are atomics too.
      "called_from_lib:libssl.so\n"
      "called_from_lib:libcrypto.so\n"
      // absl::Status counts its references with atomics; its payloads are Cords.
      "called_from_lib:libabsl_status.so\n"
      "called_from_lib:libabsl_cord.so\n"
      "called_from_lib:libabsl_cord_internal.so\n"
      // The search for locks that could deadlock has a lock of its own.
      "called_from_lib:libabsl_graphcycles_internal.so\n"
      // gRPC's templates are compiled into our libraries, and with them instrumented. Only the
      // innermost frame counts.
      "race_top:^grpc::\n"
      "race_top:^non-virtual thunk to grpc::\n"
      "race_top:^std::_Function_handler<void (bool), grpc::internal::\n";
}
