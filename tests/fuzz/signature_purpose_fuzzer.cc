// What a workspace asks the coordinator to sign with its owner's key.
#include <cstdlib>

#include "coordinator/keys/signature_purpose.h"

using Kind = homeport::SignaturePurpose::Kind;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const homeport::SignaturePurpose purpose = homeport::ReadSignaturePurpose(bytes);
  for (const absl::string_view part :
       {purpose.user, purpose.service, purpose.host_key, purpose.name_space}) {
    if (!part.empty() && bytes.find(part) == bytes.npos) abort();
  }
  if (purpose.kind == Kind::kOther) return 0;
  // What is taken for something has nothing after it, and cannot do without its end.
  if (homeport::ReadSignaturePurpose(std::string(bytes) + "x").kind != Kind::kOther) abort();
  if (homeport::ReadSignaturePurpose(bytes.substr(0, size - 1)).kind != Kind::kOther) abort();
  return 0;
}
