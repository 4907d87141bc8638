#include "coordinator/keys/public_key_blob.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <sodium.h>

#include <algorithm>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/ssh_wire.h"

namespace homeport {
namespace {

constexpr absl::string_view kEd25519 = "ssh-ed25519";
constexpr absl::string_view kEd25519SecurityKey = "sk-ssh-ed25519@openssh.com";
constexpr absl::string_view kRsa = "ssh-rsa";

struct EcdsaKind {
  absl::string_view algorithm;
  absl::string_view curve;  // RFC 5656, 10.1
  int nid;                  // OpenSSL's
  size_t coordinate_bytes;
  bool security_key;
};

constexpr EcdsaKind kEcdsaKinds[] = {
    {"ecdsa-sha2-nistp256", "nistp256", NID_X9_62_prime256v1, 32, false},
    {"ecdsa-sha2-nistp384", "nistp384", NID_secp384r1, 48, false},
    {"ecdsa-sha2-nistp521", "nistp521", NID_secp521r1, 66, false},
    {"sk-ecdsa-sha2-nistp256@openssh.com", "nistp256", NID_X9_62_prime256v1, 32, true},
};

constexpr size_t kLeastRsaBits = 2048;
constexpr size_t kMostRsaBits = 16384;
// What OpenSSL takes with a large modulus. Nearly everybody's is 65537.
constexpr size_t kMostExponentBytes = 8;
constexpr size_t kMostApplicationBytes = 255;

absl::Status Wrong(absl::string_view what) { return absl::InvalidArgumentError(what); }

absl::Status Damaged() {
  return Wrong("the key is cut short or damaged; copy the whole line of the .pub file");
}

const EcdsaKind* FindEcdsa(absl::string_view algorithm) {
  const auto* kind = std::find_if(std::begin(kEcdsaKinds), std::end(kEcdsaKinds),
                                  [&](const EcdsaKind& one) { return one.algorithm == algorithm; });
  return kind == std::end(kEcdsaKinds) ? nullptr : kind;
}

// Whether an mpint is positive, odd and without bytes that it does not need (RFC 4251, 5).
bool IsOddAndPositive(absl::string_view mpint) {
  if (mpint.empty() || (mpint.front() & 0x80) != 0 || (mpint.back() & 1) == 0) return false;
  return mpint.front() != 0 || (mpint.size() > 1 && (mpint[1] & 0x80) != 0);
}

size_t Bits(absl::string_view mpint) {
  if (mpint.front() == 0) return 8 * (mpint.size() - 1);
  size_t bits = 8 * mpint.size();
  for (unsigned first = static_cast<unsigned char>(mpint.front()); first < 0x80; first <<= 1) {
    --bits;
  }
  return bits;
}

absl::Status CheckRsa(WireReader& reader) {
  const absl::string_view exponent = reader.String(), modulus = reader.String();
  if (!reader.ok() || !IsOddAndPositive(modulus)) return Damaged();
  const size_t bits = Bits(modulus);
  if (bits < kLeastRsaBits || bits > kMostRsaBits) {
    return Wrong(absl::StrCat("the RSA key has ", bits, " bits; those of ", kLeastRsaBits, " to ",
                              kMostRsaBits, " are taken"));
  }
  if (!IsOddAndPositive(exponent) || exponent == "\1" || exponent.size() > kMostExponentBytes) {
    return Wrong("the RSA key has an exponent that is not taken; the usual one is 65537");
  }
  return absl::OkStatus();
}

bool IsOnCurve(int nid, absl::string_view point) {
  const std::unique_ptr<EC_GROUP, decltype(&EC_GROUP_free)> group(EC_GROUP_new_by_curve_name(nid),
                                                                  EC_GROUP_free);
  if (group == nullptr) return false;
  const std::unique_ptr<EC_POINT, decltype(&EC_POINT_free)> made(EC_POINT_new(group.get()),
                                                                 EC_POINT_free);
  const bool is_on_it =
      made != nullptr && EC_POINT_oct2point(group.get(), made.get(),
                                            reinterpret_cast<const unsigned char*>(point.data()),
                                            point.size(), nullptr) == 1;
  ERR_clear_error();
  return is_on_it;
}

absl::Status CheckEcdsa(const EcdsaKind& kind, WireReader& reader) {
  const absl::string_view curve = reader.String(), point = reader.String();
  if (!reader.ok()) return Damaged();
  if (curve != kind.curve) return Wrong("the key names another curve than its algorithm has");
  if (point.size() != 1 + 2 * kind.coordinate_bytes || point.front() != '\4') {
    return Wrong(absl::StrCat("the key's point is no uncompressed one of ", kind.curve));
  }
  if (!IsOnCurve(kind.nid, point)) {
    return Wrong(absl::StrCat("the key's point is not on the curve ", kind.curve));
  }
  return absl::OkStatus();
}

absl::Status CheckEd25519(WireReader& reader) {
  const absl::string_view point = reader.String();
  if (!reader.ok()) return Damaged();
  if (point.size() != crypto_core_ed25519_BYTES) {
    return Wrong(absl::StrCat("the Ed25519 key has ", point.size(), " bytes instead of 32"));
  }
  if (crypto_core_ed25519_is_valid_point(reinterpret_cast<const unsigned char*>(point.data())) !=
      1) {
    return Wrong("the Ed25519 key is no point that a private key could belong to");
  }
  return absl::OkStatus();
}

// OpenSSH PROTOCOL.u2f: what the security key calls this use of it, as in "ssh:".
absl::Status CheckApplication(WireReader& reader) {
  const absl::string_view application = reader.String();
  if (!reader.ok()) return Damaged();
  const bool printable = std::all_of(application.begin(), application.end(),
                                     [](char c) { return c > ' ' && c < '\x7f'; });
  if (application.empty() || application.size() > kMostApplicationBytes || !printable) {
    return Wrong("the security key's application is not printable text");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckPublicKeyAlgorithm(absl::string_view algorithm) {
  if (algorithm == kEd25519 || algorithm == kEd25519SecurityKey || algorithm == kRsa ||
      FindEcdsa(algorithm) != nullptr) {
    return absl::OkStatus();
  }
  if (absl::StrContains(algorithm, "-cert-v")) {
    return Wrong("this is a certificate; add the key itself, from the .pub file without -cert");
  }
  if (algorithm == "ssh-dss") {
    return Wrong("DSA keys are too weak; make an Ed25519 key with `ssh-keygen -t ed25519`");
  }
  return Wrong(
      "the algorithm is none that is taken: ssh-ed25519, ecdsa-sha2-nistp256, -nistp384 or "
      "-nistp521, ssh-rsa, sk-ssh-ed25519@openssh.com, sk-ecdsa-sha2-nistp256@openssh.com");
}

absl::Status CheckPublicKeyBlob(absl::string_view blob) {
  WireReader reader(blob);
  const absl::string_view algorithm = reader.String();
  if (!reader.ok()) return Damaged();
  absl::Status status = CheckPublicKeyAlgorithm(algorithm);
  if (!status.ok()) return status;
  const EcdsaKind* ecdsa = FindEcdsa(algorithm);
  if (algorithm == kRsa) {
    status = CheckRsa(reader);
  } else {
    status = ecdsa != nullptr ? CheckEcdsa(*ecdsa, reader) : CheckEd25519(reader);
  }
  if (status.ok() &&
      (algorithm == kEd25519SecurityKey || (ecdsa != nullptr && ecdsa->security_key))) {
    status = CheckApplication(reader);
  }
  if (!status.ok()) return status;
  if (!reader.AtEnd()) return Wrong("something follows the key in its base64 text");
  return absl::OkStatus();
}

}  // namespace homeport
