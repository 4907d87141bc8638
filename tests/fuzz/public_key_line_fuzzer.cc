// What people paste as their public key, as a line and as the blob in it.
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/ssh_wire.h"
#include "coordinator/keys/public_key_line.h"

namespace {

void Require(bool condition) {
  if (!condition) abort();
}

// What passes is one key in its one form, and stays what it is when it is read again.
void CheckTaken(const homeport::PublicKeyLine& line) {
  Require(homeport::CheckPublicKeyBlob(line.blob).ok());
  Require(homeport::WireReader(line.blob).String() == line.algorithm);
  Require(line.algorithm.find("cert") == std::string::npos);
  Require(line.comment.size() <= homeport::kMostCommentBytes);
  for (const char c : line.comment) Require(c < 0 || (c >= ' ' && c != '\x7f'));
  const auto again = homeport::ParsePublicKeyLine(
      absl::StrCat(line.algorithm, " ", absl::Base64Escape(line.blob), " ", line.comment));
  Require(again.ok() && again->blob == line.blob);
  Require(!homeport::CheckPublicKeyBlob(line.blob + "x").ok());
  Require(!homeport::CheckPublicKeyBlob(line.blob.substr(0, line.blob.size() - 1)).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto line = homeport::ParsePublicKeyLine(bytes); line.ok()) CheckTaken(*line);
  if (homeport::CheckPublicKeyBlob(bytes).ok()) {
    const auto line = homeport::ParsePublicKeyLine(absl::StrCat(
        homeport::WireReader(bytes).String(), " ", absl::Base64Escape(bytes), " a comment"));
    Require(line.ok() && line->blob == bytes && line->comment == "a comment");
  }
  return 0;
}
