#include "base/logging.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "spdlog/pattern_formatter.h"
#include "spdlog/sinks/stdout_sinks.h"

namespace homeport {
namespace {

// The message as the inside of a JSON string. spdlog's patterns cannot escape by themselves.
class JsonMessage : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& out) override {
    static constexpr char kHex[] = "0123456789abcdef";
    for (const char c : message.payload) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') {
        out.push_back('\\');
        out.push_back(c);
      } else if (byte < 0x20) {
        for (const char u : {'\\', 'u', '0', '0', kHex[byte >> 4], kHex[byte & 15]}) {
          out.push_back(u);
        }
      } else {
        out.push_back(c);
      }
    }
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<JsonMessage>();
  }
};

std::unique_ptr<spdlog::formatter> MakeFormatter(bool json) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  if (json) {
    formatter->add_flag<JsonMessage>('*');
    formatter->set_pattern(
        R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","component":"%n","message":"%*"})");
  } else {
    formatter->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %-7l %n: %v");
  }
  return formatter;
}

// The sink that all loggers share. Its format is spdlog's global one, which each new logger is
// given.
const spdlog::sink_ptr& SharedSink() {
  static const auto* sink = [] {
    spdlog::set_formatter(MakeFormatter(false));
    return new spdlog::sink_ptr(std::make_shared<spdlog::sinks::stderr_sink_mt>());
  }();
  return *sink;
}

}  // namespace

absl::Status InitLogging(const LoggingOptions& options) {
  if (options.format != "text" && options.format != "json") {
    return absl::InvalidArgumentError(
        absl::StrCat("log format is \"", options.format, "\"; it must be text or json"));
  }
  const spdlog::level::level_enum level = spdlog::level::from_str(options.level);
  if (level == spdlog::level::off && options.level != "off") {
    return absl::InvalidArgumentError(absl::StrCat("log level is \"", options.level,
                                                   "\"; it must be debug, info, warning or error"));
  }
  SharedSink();  // its first use sets the default, which must not come after this
  spdlog::set_formatter(MakeFormatter(options.format == "json"));
  spdlog::set_level(level);
  return absl::OkStatus();
}

std::shared_ptr<spdlog::logger> Logger(const std::string& component) {
  if (auto logger = spdlog::get(component)) return logger;
  auto logger = std::make_shared<spdlog::logger>(component, SharedSink());
  logger->flush_on(spdlog::level::trace);
  try {
    spdlog::initialize_logger(logger);
  } catch (const spdlog::spdlog_ex&) {
    // Another thread registered the name first: take its logger.
    if (auto other = spdlog::get(component)) return other;
  }
  return logger;
}

std::string Printable(absl::string_view text, size_t limit) {
  // An apostrophe ends nothing in our logs, and sentences have them.
  std::string escaped =
      absl::StrReplaceAll(absl::CHexEscape(text.substr(0, limit)), {{"\\'", "'"}});
  if (text.size() > limit) absl::StrAppend(&escaped, "…");
  return escaped;
}

}  // namespace homeport
