#include "coordinator/pki/serving_certificate.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/file.h"
#include "coordinator/pki/x509.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;

class ServingCertificateTest : public ::testing::Test {
 protected:
  ServingCertificateTest() : folder_(::testing::TempDir() + "/pkiXXXXXX") {
    EXPECT_NE(mkdtemp(folder_.data()), nullptr);
  }
  std::string File(const std::string& name) const { return absl::StrCat(folder_, "/", name); }
  std::string Content(const std::string& name) const { return *ReadFile(File(name)); }

  std::string folder_;
};

TEST_F(ServingCertificateTest, IsMadeOnceAndCoversThisMachine) {
  const absl::StatusOr<ServingCertificate> made = OwnServingCertificate(folder_, {"home.example"});
  ASSERT_TRUE(made.ok()) << made.status();
  const Certificate certificate = *Certificate::FromPem(made->certificate_pem);
  EXPECT_TRUE(certificate.Fits(*PrivateKey::FromPem(made->private_key_pem)));
  EXPECT_TRUE(Certificate::FromPem(Content("ca.pem"))->Signed(certificate));
  EXPECT_TRUE(certificate.Covers({"localhost", "127.0.0.1", "::1", "home.example"}));
  EXPECT_FALSE(certificate.Covers({"elsewhere.example"}));
  EXPECT_GT(certificate.expire_time(), absl::Now() + absl::Hours(24 * 365));
  const absl::StatusOr<ServingCertificate> again = OwnServingCertificate(folder_, {"home.example"});
  EXPECT_EQ(again->certificate_pem, made->certificate_pem);
}

TEST_F(ServingCertificateTest, NewNamesMeanANewCertificateOfTheSameCaAndKey) {
  const ServingCertificate made = *OwnServingCertificate(folder_, {});
  const std::string ca = Content("ca.pem");
  const ServingCertificate again = *OwnServingCertificate(folder_, {"10.1.2.3", "home.example"});
  EXPECT_TRUE(Certificate::FromPem(again.certificate_pem)->Covers({"10.1.2.3", "home.example"}));
  EXPECT_EQ(again.private_key_pem, made.private_key_pem);
  EXPECT_EQ(Content("ca.pem"), ca);
}

// A crash between any two files.
TEST_F(ServingCertificateTest, WhatIsMissingAtTheEndIsMadeAgain) {
  ASSERT_TRUE(OwnServingCertificate(folder_, {}).ok());
  const std::string ca = Content("ca.pem");
  unlink(File("server.pem").c_str());
  ASSERT_TRUE(OwnServingCertificate(folder_, {}).ok());
  unlink(File("server.pem").c_str());
  unlink(File("server.key").c_str());
  ASSERT_TRUE(OwnServingCertificate(folder_, {}).ok());
  EXPECT_EQ(Content("ca.pem"), ca);
}

TEST_F(ServingCertificateTest, DamageIsNamedAndNothingIsOverwritten) {
  for (const char* name : {"ca.key", "ca.pem", "server.key", "server.pem"}) {
    ASSERT_TRUE(OwnServingCertificate(folder_, {}).ok());
    const std::string good = Content(name);
    ASSERT_TRUE(WriteFileAtomically(File(name), good.substr(0, good.size() / 2), 0600).ok());
    const absl::Status status = OwnServingCertificate(folder_, {}).status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << name << ": " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(name));
    EXPECT_EQ(Content(name), good.substr(0, good.size() / 2));
    ASSERT_TRUE(WriteFileAtomically(File(name), good, 0600).ok());
  }
  unlink(File("ca.key").c_str());
  EXPECT_TRUE(absl::IsDataLoss(OwnServingCertificate(folder_, {}).status()));
}

TEST_F(ServingCertificateTest, OperatorsFilesMustFit) {
  ASSERT_TRUE(OwnServingCertificate(folder_, {}).ok());
  const auto check = [this](const char* certificate, const char* key, const char* ca) {
    return OperatorsServingCertificate(File(certificate), File(key), File(ca)).status();
  };
  EXPECT_TRUE(check("server.pem", "server.key", "ca.pem").ok());
  EXPECT_TRUE(
      OperatorsServingCertificate(File("server.pem"), File("server.key"), "").status().ok());
  EXPECT_TRUE(absl::IsDataLoss(check("server.pem", "ca.key", "ca.pem")));
  EXPECT_TRUE(absl::IsDataLoss(check("server.pem", "server.key", "server.pem")));
  EXPECT_TRUE(absl::IsDataLoss(check("nowhere.pem", "server.key", "ca.pem")));
}

}  // namespace
}  // namespace homeport
