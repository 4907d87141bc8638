#include "coordinator/keys/rsa_key_pair.h"

#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include "base/ssh_wire.h"
#include "coordinator/keys/openssh_private_key.h"
#include "coordinator/keys/secret.h"

namespace homeport {

absl::StatusOr<RsaKeyPair> RsaKeyPair::Generate() {
  absl::StatusOr<OpensslKey> key = OpensslKey::Take(EVP_RSA_gen(kBits));
  if (!key.ok()) return key.status();
  return RsaKeyPair(*std::move(key));
}

absl::StatusOr<RsaKeyPair> RsaKeyPair::FromSecret(absl::string_view secret) {
  absl::StatusOr<OpensslKey> key = OpensslKey::FromDer(EVP_PKEY_RSA, secret);
  if (!key.ok()) return key.status();
  if (key->bits() != kBits) return absl::DataLossError("the private key has not 4096 bits");
  return RsaKeyPair(*std::move(key));
}

std::string RsaKeyPair::PublicKeyBlob() const {
  return WireWriter()
      .String(kRsaAlgorithm)
      .String(key_.Number(OSSL_PKEY_PARAM_RSA_E))
      .String(key_.Number(OSSL_PKEY_PARAM_RSA_N))
      .bytes();
}

absl::StatusOr<std::string> RsaKeyPair::SignatureBlob(absl::string_view data, Hash hash) const {
  const bool sha256 = hash == Hash::kSha256;
  const absl::StatusOr<std::string> signature =
      key_.Sign(sha256 ? EVP_sha256() : EVP_sha512(), data);
  if (!signature.ok()) return signature.status();
  return WireWriter()
      .String(sha256 ? kRsaSha256Algorithm : kRsaSha512Algorithm)
      .String(*signature)
      .bytes();
}

std::string RsaKeyPair::OpenSshPrivateKey(absl::string_view comment) const {
  const std::string n = key_.Number(OSSL_PKEY_PARAM_RSA_N), e = key_.Number(OSSL_PKEY_PARAM_RSA_E);
  std::string d = key_.Number(OSSL_PKEY_PARAM_RSA_D);
  std::string q_inverse = key_.Number(OSSL_PKEY_PARAM_RSA_COEFFICIENT1);
  std::string p = key_.Number(OSSL_PKEY_PARAM_RSA_FACTOR1);
  std::string q = key_.Number(OSSL_PKEY_PARAM_RSA_FACTOR2);
  std::string file =
      OpenSshPrivateKeyFile(PublicKeyBlob(), {kRsaAlgorithm, n, e, d, q_inverse, p, q}, comment);
  for (std::string* secret : {&d, &q_inverse, &p, &q}) WipeSecret(*secret);
  return file;
}

}  // namespace homeport
