#include "coordinator/keys/openssh_private_key.h"

#include <sodium.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/ssh_wire.h"
#include "coordinator/keys/secret.h"

namespace homeport {
namespace {

constexpr char kMagic[] = "openssh-key-v1";  // written with its terminating zero
constexpr size_t kBlockBytes = 8;            // of cipher "none"
constexpr size_t kLineLength = 70;
constexpr char kFirstLine[] = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
constexpr char kLastLine[] = "-----END OPENSSH PRIVATE KEY-----\n";

// Within what `to` has reserved, so that no copy of a secret is left behind.
void AppendString(std::string& to, absl::string_view field) {
  to += WireWriter().Uint32(static_cast<uint32_t>(field.size())).bytes();
  to.append(field.data(), field.size());
}

std::string PrivateSection(const std::vector<absl::string_view>& fields,
                           absl::string_view comment) {
  size_t size = 2 * sizeof(uint32_t) + sizeof(uint32_t) + comment.size() + kBlockBytes;
  for (const absl::string_view field : fields) size += sizeof(uint32_t) + field.size();
  std::string section;
  section.reserve(size);
  const uint32_t check = randombytes_random();
  section += WireWriter().Uint32(check).Uint32(check).bytes();
  for (const absl::string_view field : fields) AppendString(section, field);
  AppendString(section, comment);
  for (char pad = 1; section.size() % kBlockBytes != 0; ++pad) section.push_back(pad);
  return section;
}

}  // namespace

std::string OpenSshPrivateKeyFile(absl::string_view public_key_blob,
                                  const std::vector<absl::string_view>& fields,
                                  absl::string_view comment) {
  std::string section = PrivateSection(fields, comment);
  WireWriter head;
  head.Raw(absl::string_view(kMagic, sizeof(kMagic)));
  head.String("none").String("none").String("").Uint32(1).String(public_key_blob);
  std::string binary;
  binary.reserve(head.bytes().size() + sizeof(uint32_t) + section.size());
  binary += head.bytes();
  AppendString(binary, section);
  std::string base64 = absl::Base64Escape(binary);

  std::string text;
  text.reserve(sizeof(kFirstLine) + sizeof(kLastLine) + base64.size() +
               base64.size() / kLineLength + 1);
  text += kFirstLine;
  for (size_t at = 0; at < base64.size(); at += kLineLength) {
    absl::StrAppend(&text, absl::string_view(base64).substr(at, kLineLength), "\n");
  }
  text += kLastLine;
  for (std::string* secret : {&section, &binary, &base64}) WipeSecret(*secret);
  return text;
}

}  // namespace homeport
