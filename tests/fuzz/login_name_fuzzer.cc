// The user name of an SSH sign-in.
#include <cstdlib>

#include "base/dns_label.h"
#include "coordinator/login_name.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view login(reinterpret_cast<const char*>(data), size);
  const auto readings = homeport::ReadLoginName(login, "demo");
  if (!readings.ok()) return 0;
  for (const auto& reading : *readings) {
    if (!homeport::IsDnsLabel(reading.owner) || !homeport::IsDnsLabel(reading.workspace)) abort();
  }
  return 0;
}
