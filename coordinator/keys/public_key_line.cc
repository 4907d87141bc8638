#include "coordinator/keys/public_key_line.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "base/ssh_wire.h"

namespace homeport {
namespace {

// An RSA key of 16384 bits has 2.8 KB.
constexpr size_t kLongestLine = 16 << 10;
constexpr char kBlanks[] = " \t";

absl::Status Wrong(absl::string_view what) { return absl::InvalidArgumentError(what); }

// What people paste instead of a line.
absl::Status CheckIsLine(absl::string_view text) {
  if (text.empty()) return Wrong("there is no key");
  if (absl::StrContains(text, "PRIVATE KEY-----") ||
      absl::StartsWith(text, "PuTTY-User-Key-File")) {
    return Wrong(
        "this is a private key, which nobody else should see; add the public one, from the file "
        "that ends in .pub");
  }
  if (absl::StrContains(text, "---- BEGIN") || absl::StrContains(text, "-----BEGIN")) {
    return Wrong(
        "this is no line of authorized_keys; `ssh-keygen -i -f FILE` makes one of other formats");
  }
  if (text.find_first_of("\r\n") != absl::string_view::npos) {
    return Wrong("these are several lines; add one key at a time, on one line");
  }
  if (text.size() > kLongestLine) return Wrong("the line is too long for a public key");
  return absl::OkStatus();
}

absl::Status ControlCharacters() { return Wrong("there are control characters in the line"); }

// The bytes of the character that `text` begins with (RFC 3629); 0 if it begins with none. Its
// number goes to `character`.
size_t FirstCharacter(absl::string_view text, uint32_t& character) {
  const auto byte = [&](size_t at) { return static_cast<unsigned char>(text[at]); };
  const size_t size = byte(0) < 0x80 ? 1 : byte(0) < 0xe0 ? 2 : byte(0) < 0xf0 ? 3 : 4;
  constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if ((byte(0) >= 0x80 && byte(0) < 0xc2) || byte(0) > 0xf4 || text.size() < size) return 0;
  character = size == 1 ? byte(0) : byte(0) & (0xff >> (size + 1));
  for (size_t at = 1; at < size; ++at) {
    if ((byte(at) & 0xc0) != 0x80) return 0;
    character = character << 6 | (byte(at) & 0x3f);
  }
  const bool surrogate = character >= 0xd800 && character <= 0xdfff;
  return character < kLeast[size] || character > 0x10ffff || surrogate ? 0 : size;
}

// What moves the cursor or turns the text's direction, and is not seen.
bool IsControl(uint32_t character) {
  return character < 0x20 || (character >= 0x7f && character < 0xa0) ||
         (character >= 0x2028 && character <= 0x202e) ||
         (character >= 0x2066 && character <= 0x2069);
}

absl::StatusOr<std::string> ReadComment(absl::string_view text) {
  std::string comment;
  while (!text.empty()) {
    uint32_t character = '?';
    const size_t size = FirstCharacter(text, character);
    const bool tab = size == 1 && character == '\t';
    if (size != 0 && !tab && IsControl(character)) return ControlCharacters();
    const absl::string_view shown = size == 0 ? "?" : tab ? " " : text.substr(0, size);
    if (comment.size() + shown.size() > kMostCommentBytes) break;
    comment.append(shown.data(), shown.size());
    text.remove_prefix(std::max<size_t>(size, 1));
  }
  return comment;
}

// A key's base64 text begins so: the length of its algorithm's name is below 256 bytes.
bool LooksLikeKey(absl::string_view word) { return absl::StartsWith(word, "AAAA"); }

// Why the line's first word is no algorithm that is taken.
absl::Status ExplainFirstWord(absl::string_view first, absl::string_view rest) {
  if (LooksLikeKey(first)) {
    return Wrong("the algorithm's name is missing before the key, as in `ssh-ed25519 AAAA…`");
  }
  const std::vector<absl::string_view> words =
      absl::StrSplit(rest, absl::ByAnyChar(kBlanks), absl::SkipEmpty());
  if (!words.empty() && LooksLikeKey(words.front())) return CheckPublicKeyAlgorithm(first);
  const bool options = first.find_first_of("=,\"") != absl::string_view::npos ||
                       std::any_of(words.begin(), words.end(), LooksLikeKey);
  if (options) {
    return Wrong("there are options before the key; begin with its algorithm, as in `ssh-ed25519`");
  }
  return Wrong("this is no public key; one begins with its algorithm, as in `ssh-ed25519 AAAA…`");
}

absl::StatusOr<std::string> Decode(absl::string_view base64) {
  std::string blob;
  // Absl's is lenient; what is the text of a key has one form.
  if (!absl::Base64Unescape(base64, &blob) || absl::Base64Escape(blob) != base64) {
    return Wrong("the key is no base64 text; copy the whole line of the .pub file");
  }
  return blob;
}

}  // namespace

absl::StatusOr<PublicKeyLine> ParsePublicKeyLine(absl::string_view line) {
  line = absl::StripAsciiWhitespace(line);
  if (absl::Status status = CheckIsLine(line); !status.ok()) return status;
  if (std::any_of(line.begin(), line.end(), [](char c) {
        return c != '\t' && absl::ascii_iscntrl(static_cast<unsigned char>(c));
      })) {
    return ControlCharacters();
  }
  const absl::string_view first = line.substr(0, line.find_first_of(kBlanks));
  line = absl::StripLeadingAsciiWhitespace(line.substr(first.size()));
  if (!CheckPublicKeyAlgorithm(first).ok()) return ExplainFirstWord(first, line);
  const absl::string_view base64 = line.substr(0, line.find_first_of(kBlanks));
  if (base64.empty()) return Wrong("the key itself is missing after its algorithm");
  line = absl::StripLeadingAsciiWhitespace(line.substr(base64.size()));

  absl::StatusOr<std::string> blob = Decode(base64);
  if (!blob.ok()) return blob.status();
  if (WireReader(*blob).String() != first) {
    return Wrong("the key is of another algorithm than the word before it says");
  }
  if (absl::Status status = CheckPublicKeyBlob(*blob); !status.ok()) return status;
  absl::StatusOr<std::string> comment = ReadComment(line);
  if (!comment.ok()) return comment.status();
  return PublicKeyLine{std::string(first), *std::move(blob), *std::move(comment)};
}

}  // namespace homeport
