// The payload of an x11-req. What passes is given to xauth and to the user's scripts.
#include <cstdlib>
#include <string>

#include "agent/x11_forward.h"

namespace {

// Whether a shell or xauth would take it for anything but one word.
bool IsOneWord(const std::string& text) {
  return text.find_first_of(" \t\r\n\v\f\\\"'`$;&|<>()*?[]#~=%!{}") == std::string::npos &&
         text.find('\0') == std::string::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto request = homeport::agent::ParseX11Request(
      homeport::WireReader({reinterpret_cast<const char*>(data), size}));
  if (!request.ok()) return 0;
  if (!IsOneWord(request->protocol) || !IsOneWord(request->cookie)) abort();
  if (request->protocol.size() + request->cookie.size() + 13 != size) abort();
  return 0;
}
