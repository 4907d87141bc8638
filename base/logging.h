// Logging for all programs: spdlog, one named logger per component, JSON or text, to standard
// error.
//
// Fields are written in a fixed order, `session=… workspace=… user=…`, as part of the message. No
// key, token or payload byte is ever logged. What a peer said passes Printable() first.
//
// Threads: any, after InitLogging.
#ifndef HOMEPORT_BASE_LOGGING_H_
#define HOMEPORT_BASE_LOGGING_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "spdlog/spdlog.h"

namespace homeport {

// How and how much to log; the flags of the same names.
struct LoggingOptions {
  std::string format = "text";  // "text" or "json"
  std::string level = "info";   // "debug", "info", "warning", "error"
};

// Sets up logging for the process, once, before threads start. INVALID_ARGUMENT names the bad
// option.
absl::Status InitLogging(const LoggingOptions& options);

// The logger of a component ("relay", "store"). Makes it at first use; works before InitLogging
// too.
std::shared_ptr<spdlog::logger> Logger(const std::string& component);

// `text` with everything but printable ASCII escaped, cut to `limit` bytes: for what a peer said.
std::string Printable(absl::string_view text, size_t limit = 256);

}  // namespace homeport

#endif  // HOMEPORT_BASE_LOGGING_H_
