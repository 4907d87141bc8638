#include "tests/integration/sanitizer_reports.h"

#include <cstdlib>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "gtest/gtest.h"

namespace homeport::story {
namespace {

constexpr char kPrefix[] = "sanitizer-report";
constexpr size_t kMostBytes = 20000;

}  // namespace

void CollectSanitizerReports(const std::string& folder) {
  for (const char* name : {"ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"}) {
    const char* before = getenv(name);
    // The last mention of an option counts.
    const std::string options =
        absl::StrCat(before == nullptr ? "" : before, ":log_path=", folder, "/", kPrefix);
    setenv(name, options.c_str(), 1);
  }
}

void FailForSanitizerReports(const std::string& folder) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    if (!absl::StartsWith(entry.path().filename().string(), kPrefix)) continue;
    const std::string report = ReadFile(entry.path(), 256 << 20).value_or("(not readable)");
    ADD_FAILURE() << "a sanitizer reports, of a program of the test's:\n"
                  << report.substr(0, kMostBytes);
  }
}

}  // namespace homeport::story
