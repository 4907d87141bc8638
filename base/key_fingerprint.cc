#include "base/key_fingerprint.h"

#include <openssl/sha.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/ssh_wire.h"

namespace homeport {
namespace {

constexpr size_t kLongestAlgorithm = 64;  // RFC 4251, 6

bool IsAlgorithm(absl::string_view name) {
  return !name.empty() && name.size() <= kLongestAlgorithm &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return absl::ascii_isgraph(static_cast<unsigned char>(c)); });
}

}  // namespace

std::string KeyFingerprint(absl::string_view public_key_blob) {
  std::string hash(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(public_key_blob.data()), public_key_blob.size(),
         reinterpret_cast<unsigned char*>(hash.data()));
  std::string base64 = absl::Base64Escape(hash);
  base64.resize(base64.find_last_not_of('=') + 1);
  return absl::StrCat("SHA256:", base64);
}

std::string DescribeKey(absl::string_view public_key_blob) {
  WireReader reader(public_key_blob);
  const absl::string_view algorithm = reader.String();
  return absl::StrCat(IsAlgorithm(algorithm) ? algorithm : "unknown", " ",
                      KeyFingerprint(public_key_blob));
}

}  // namespace homeport
