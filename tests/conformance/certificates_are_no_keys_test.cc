// A certificate is nobody's key: not under its own name, not under the plain key's, not as what has
// signed another. The key in it goes on working.
#include "gmock/gmock.h"
#include "tests/conformance/front_door.h"
#include "tests/raw_ssh/messages.h"
#include "tests/raw_ssh/user_authentication.h"

namespace homeport::story {
namespace {

using raw_ssh::KeyRequest;
using raw_ssh::RawClient;
using raw_ssh::SigningKey;

constexpr char kCertificate[] = "ssh-ed25519-cert-v01@openssh.com";
constexpr char kPlain[] = "ssh-ed25519";

class CertificatesAreNoKeys : public FrontDoor {
 protected:
  // Signed by demo's key, as its algorithm or as `signature_algorithm`.
  static void ExpectRefused(const std::string& algorithm, const std::string& blob,
                            const std::string& signature_algorithm = kPlain) {
    SCOPED_TRACE(algorithm + ", signed as " + signature_algorithm);
    const int before = StrangersVerified();
    KeyRequest request("dev", demo());
    request.algorithm = algorithm;
    request.blob = blob;
    RawClient client = Connect();
    ASSERT_TRUE(client.ExchangeKeys() && client.BeginAuthentication());
    client.Send(request.Offer());
    EXPECT_EQ(client.ReceiveNumber(), raw_ssh::kUserauthFailure) << "it may be tried";
    const std::string to_sign = request.ToSign(client.session_id());
    client.Send(request.WithSignature(demo().Sign(to_sign, signature_algorithm)));
    EXPECT_EQ(client.ReceiveNumber(), raw_ssh::kUserauthFailure);
    EXPECT_EQ(StrangersVerified(), before) << "it was taken for somebody's key";
    client.Send(raw_ssh::SignedRequest(client.session_id(), "dev", demo()));
    EXPECT_EQ(client.ReceiveNumber(), raw_ssh::kUserauthSuccess);
  }
};

TEST_F(CertificatesAreNoKeys, UnderNoName) {
  const SigningKey authority = SigningKey::Ed25519();
  const std::string certificate = demo().Certificate(authority, authority.blob());
  ExpectRefused(kCertificate, certificate);
  ExpectRefused(kPlain, certificate);
  ExpectRefused(kCertificate, certificate, kCertificate);
  ExpectRefused(kPlain, certificate, kCertificate);
}

TEST_F(CertificatesAreNoKeys, NorIsAKeyACertificate) { ExpectRefused(kCertificate, demo().blob()); }

TEST_F(CertificatesAreNoKeys, NotEvenSignedByTheKeyItself) {
  ExpectRefused(kCertificate, demo().Certificate(demo(), demo().blob()));
}

TEST_F(CertificatesAreNoKeys, NotEvenSignedByACertificate) {
  const SigningKey root = SigningKey::Ed25519();
  const SigningKey authority = SigningKey::Ed25519();
  const std::string nested = authority.Certificate(root, root.blob());
  ExpectRefused(kCertificate, demo().Certificate(authority, nested));
  ExpectRefused(kPlain, demo().Certificate(authority, nested));
}

}  // namespace
}  // namespace homeport::story
