// What stands in a user's Xauthority file.
#include <cstdlib>

#include "agent/xauthority.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace homeport::agent;
  const absl::string_view content(reinterpret_cast<const char*>(data), size);
  const XauthorityEntry entry = {kXauthorityLocal, "host", "10", "MIT-MAGIC-COOKIE-1", "secret"};
  const absl::StatusOr<std::string> once = WithXauthorityEntry(content, entry);
  if (!once.ok()) abort();
  // Ours comes first; of others' nothing is lost; doing it twice is doing it once.
  absl::string_view rest = *once;
  const auto first = TakeXauthorityEntry(rest);
  if (!first.has_value() || first->secret != "secret") abort();
  absl::string_view before = content;
  while (const auto other = TakeXauthorityEntry(before)) {
    if (other->family == entry.family && other->address == entry.address &&
        other->display == entry.display && other->protocol == entry.protocol) {
      continue;
    }
    const auto kept = TakeXauthorityEntry(rest);
    if (!kept.has_value() || kept->secret != other->secret || kept->address != other->address) {
      abort();
    }
  }
  if (rest != before) abort();
  if (WithXauthorityEntry(*once, entry).value() != *once) abort();
  return 0;
}
