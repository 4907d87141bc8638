#include "coordinator/keys/public_key_line.h"

#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/file.h"
#include "base/ssh_wire.h"
#include "coordinator/keys/ecdsa_key_pair.h"
#include "coordinator/keys/ed25519_key_pair.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A new folder with what the script leaves in it.
std::string FolderOf(const std::string& script) {
  std::string folder = ::testing::TempDir() + "/linesXXXXXX";
  EXPECT_NE(mkdtemp(folder.data()), nullptr);
  EXPECT_EQ(system(absl::StrCat("cd ", folder, "; { ", script, "\n} > log 2>&1").c_str()), 0)
      << *ReadFile(folder + "/log");
  return folder;
}

std::string Line(absl::string_view blob, absl::string_view rest = "") {
  return absl::StrCat(WireReader(blob).String(), " ", absl::Base64Escape(blob), rest);
}

std::string Rsa(size_t bits, absl::string_view exponent) {
  std::string modulus((bits + 7) / 8, '\xff');
  modulus.front() = static_cast<char>(0xff >> ((8 - bits % 8) % 8));
  if (bits % 8 == 0) modulus.insert(0, 1, '\0');
  return WireWriter().String("ssh-rsa").String(exponent).String(modulus).bytes();
}
std::string Rsa65537(size_t bits) { return Rsa(bits, absl::string_view("\x01\x00\x01", 3)); }

// The public point of a new key.
std::string Ed25519Point() {
  const std::string blob = Ed25519KeyPair::Generate().PublicKeyBlob();
  return blob.substr(blob.size() - 32);
}
std::string P256Point() {
  const std::string blob = EcdsaKeyPair::Generate()->PublicKeyBlob();
  return blob.substr(blob.size() - 65);
}
std::string Ecdsa(const std::string& algorithm, const std::string& curve,
                  const std::string& point) {
  return WireWriter().String(algorithm).String(curve).String(point).bytes();
}

std::string WhyNot(const std::string& line) {
  const absl::StatusOr<PublicKeyLine> parsed = ParsePublicKeyLine(line);
  EXPECT_TRUE(absl::IsInvalidArgument(parsed.status())) << parsed.status() << " " << line;
  return std::string(parsed.status().message());
}
std::string WhyNotBlob(const std::string& blob) {
  const absl::Status status = CheckPublicKeyBlob(blob);
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_EQ(WhyNot(Line(blob)), status.message());
  return std::string(status.message());
}

TEST(PublicKeyLineTest, TakesWhatSshKeygenWrites) {
  const std::string folder = FolderOf(R"SH(set -e
ssh-keygen -q -t ed25519 -N '' -C 'ada on her laptop' -f ed25519
for bits in 256 384 521; do ssh-keygen -q -t ecdsa -b $bits -N '' -C ecdsa -f ecdsa$bits; done
for bits in 2048 3072; do ssh-keygen -q -t rsa -b $bits -N '' -C rsa -f rsa$bits; done)SH");
  const std::vector<std::pair<std::string, std::string>> keys = {
      {"ed25519", "ssh-ed25519"},
      {"ecdsa256", "ecdsa-sha2-nistp256"},
      {"ecdsa384", "ecdsa-sha2-nistp384"},
      {"ecdsa521", "ecdsa-sha2-nistp521"},
      {"rsa2048", "ssh-rsa"},
      {"rsa3072", "ssh-rsa"},
  };
  for (const auto& [file, algorithm] : keys) {
    const std::string line = *ReadFile(absl::StrCat(folder, "/", file, ".pub"));
    const absl::StatusOr<PublicKeyLine> parsed = ParsePublicKeyLine(line);
    ASSERT_TRUE(parsed.ok()) << parsed.status() << " " << line;
    EXPECT_EQ(parsed->algorithm, algorithm);
    EXPECT_EQ(
        absl::StrCat(algorithm, " ", absl::Base64Escape(parsed->blob), " ", parsed->comment, "\n"),
        line);
    EXPECT_TRUE(CheckPublicKeyBlob(parsed->blob).ok());
  }
}

TEST(PublicKeyLineTest, TakesSecurityKeys) {
  const std::string ed25519 = WireWriter()
                                  .String("sk-ssh-ed25519@openssh.com")
                                  .String(Ed25519Point())
                                  .String("ssh:")
                                  .bytes();
  const std::string ecdsa = WireWriter()
                                .String("sk-ecdsa-sha2-nistp256@openssh.com")
                                .String("nistp256")
                                .String(P256Point())
                                .String("ssh:work")
                                .bytes();
  for (const std::string& blob : {ed25519, ecdsa}) {
    const absl::StatusOr<PublicKeyLine> parsed = ParsePublicKeyLine(Line(blob));
    EXPECT_TRUE(parsed.ok()) << parsed.status();
    const std::string without = blob.substr(0, blob.find("ssh:") - 4);
    EXPECT_THAT(WhyNotBlob(without), HasSubstr("cut short"));
    EXPECT_THAT(WhyNotBlob(WireWriter().Raw(without).String("").bytes()), HasSubstr("application"));
    EXPECT_THAT(WhyNotBlob(WireWriter().Raw(without).String("a\nb").bytes()),
                HasSubstr("application"));
    EXPECT_THAT(WhyNotBlob(blob + "x"), HasSubstr("follows"));
  }
}

TEST(PublicKeyLineTest, BlanksAndCommentsAsPeopleHaveThem) {
  const std::string blob = Ed25519KeyPair::Generate().PublicKeyBlob();
  const std::string base64 = absl::Base64Escape(blob);
  const std::vector<std::pair<std::string, std::string>> comments = {
      {"", ""},
      {" \t ", ""},
      {" me", "me"},
      {"\t me at  home \r\n", "me at  home"},
      {" a\tb", "a b"},
      {" Jörg — 鍵", "Jörg — 鍵"},
      {" J\xf6rg \xe2\x82 \xed\xa0\x80", "J?rg ?? ???"},
      {" " + std::string(150, 'x'), std::string(100, 'x')},
      {" x" + absl::StrReplaceAll(std::string(100, 'o'), {{"o", "ö"}}),
       "x" + absl::StrReplaceAll(std::string(49, 'o'), {{"o", "ö"}})},
  };
  for (const auto& [rest, comment] : comments) {
    for (const char* before : {"", "  ", "\t", "\n"}) {
      const absl::StatusOr<PublicKeyLine> parsed =
          ParsePublicKeyLine(absl::StrCat(before, "ssh-ed25519 \t", base64, rest));
      ASSERT_TRUE(parsed.ok()) << parsed.status() << rest;
      EXPECT_EQ(parsed->blob, blob);
      EXPECT_EQ(parsed->comment, comment);
    }
  }
}

TEST(PublicKeyLineTest, SaysWhatWasPastedInstead) {
  const std::string line = Line(Ed25519KeyPair::Generate().PublicKeyBlob());
  const std::string base64 = line.substr(line.find(' ') + 1);
  const std::string private_key = Ed25519KeyPair::Generate().OpenSshPrivateKey("");
  const std::vector<std::pair<std::string, std::string>> reasons = {
      {"", "there is no key"},
      {" \n\t", "there is no key"},
      {private_key, "private key"},
      {absl::StrReplaceAll(private_key, {{"\n", " "}}), "private key"},
      {"PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n", "private key"},
      {"---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----", "ssh-keygen -i"},
      {"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "ssh-keygen -i"},
      {line + "\n" + line, "several lines"},
      {line + "\r" + line, "several lines"},
      {"no-pty " + line, "options"},
      {"command=\"echo a b\",no-pty " + line, "options"},
      {"cert-authority " + line, "options"},
      {base64, "name is missing"},
      {base64 + " me", "name is missing"},
      {"ssh-ed25519", "key itself is missing"},
      {"ssh-ed25519 me@home", "no base64"},
      {"ssh-ed25519 " + base64.substr(0, 30), "no base64"},
      {"ssh-ed25519 " + base64.substr(0, 40), "cut short"},
      {"ssh-ed25519 " + base64 + "=", "no base64"},
      {"ssh-ed25519 AAAA", "another algorithm"},
      {"ssh-rsa " + base64, "another algorithm"},
      {"sk-ssh-ed25519@openssh.com " + base64, "another algorithm"},
      {"ssh-ed448 " + base64, "none that is taken"},
      {"ssh-dss " + base64, "DSA"},
      {"SSH-ED25519 " + base64, "none that is taken"},
      {"hello world", "no public key"},
      {line + " a\x1b[2Jb", "control characters"},
      {line + std::string(" a\0b", 4), "control characters"},
      {line + " \xc2\x9b" + "2J", "control characters"},
      {line + " \xe2\x80\xae" + "evil", "control characters"},
      {line + " " + std::string(20000, 'x'), "too long"},
  };
  for (const auto& [pasted, reason] : reasons) {
    EXPECT_THAT(WhyNot(pasted), HasSubstr(reason)) << pasted.substr(0, 100);
  }
  EXPECT_THAT(WhyNot("my-secret-token"), Not(HasSubstr("secret")));
}

TEST(PublicKeyLineTest, CertificatesAreNoKeys) {
  const std::string folder = FolderOf(R"SH(set -e
ssh-keygen -q -t ed25519 -N '' -f ca
for type in ed25519 rsa ecdsa; do
  ssh-keygen -q -t $type -N '' -f $type
  ssh-keygen -q -s ca -I me -n me $type.pub
done)SH");
  for (const std::string type : {"ed25519", "rsa", "ecdsa"}) {
    const std::string line = *ReadFile(absl::StrCat(folder, "/", type, "-cert.pub"));
    EXPECT_THAT(WhyNot(line), HasSubstr("this is a certificate"));
    // Nor under the name of the key that they are for.
    const std::string key = *ReadFile(absl::StrCat(folder, "/", type, ".pub"));
    const std::string name = key.substr(0, key.find(' '));
    EXPECT_THAT(WhyNot(name + line.substr(line.find(' '))), HasSubstr("another algorithm"));
    std::string blob;
    ASSERT_TRUE(absl::Base64Unescape(
        line.substr(line.find(' ') + 1, line.rfind(' ') - line.find(' ') - 1), &blob));
    EXPECT_THAT(WhyNotBlob(blob), HasSubstr("this is a certificate"));
  }
}

TEST(PublicKeyLineTest, RsaKeysAreLargeEnoughAndNotTooLarge) {
  for (const size_t bits : {2048, 2049, 3072, 4096, 16384}) {
    EXPECT_TRUE(CheckPublicKeyBlob(Rsa65537(bits)).ok()) << CheckPublicKeyBlob(Rsa65537(bits));
    EXPECT_TRUE(ParsePublicKeyLine(Line(Rsa65537(bits))).ok());
  }
  for (const size_t bits : {512, 1024, 2047, 16385}) {
    EXPECT_THAT(WhyNotBlob(Rsa65537(bits)), HasSubstr(absl::StrCat("has ", bits, " bits")));
  }
  for (const std::string& exponent :
       {std::string(), std::string("\1"), std::string("\2"), std::string("\x81"),
        std::string("\0\x03", 2), std::string(9, '\1')}) {
    EXPECT_THAT(WhyNotBlob(Rsa(2048, exponent)), HasSubstr("exponent"));
  }
  const std::string even =
      WireWriter().String("ssh-rsa").String("\3").String(std::string(256, '\2')).bytes();
  EXPECT_THAT(WhyNotBlob(even), HasSubstr("damaged"));
  EXPECT_THAT(WhyNotBlob(Rsa65537(2048) + "x"), HasSubstr("follows"));
}

TEST(PublicKeyLineTest, PointsAreOnTheirCurves) {
  const std::string point = P256Point();
  EXPECT_TRUE(CheckPublicKeyBlob(Ecdsa("ecdsa-sha2-nistp256", "nistp256", point)).ok());
  EXPECT_THAT(WhyNotBlob(Ecdsa("ecdsa-sha2-nistp256", "nistp384", point)),
              HasSubstr("another curve"));
  EXPECT_THAT(WhyNotBlob(Ecdsa("ecdsa-sha2-nistp384", "nistp384", point)),
              HasSubstr("no uncompressed one"));
  EXPECT_THAT(WhyNotBlob(Ecdsa("ecdsa-sha2-nistp256", "nistp256", "\3" + point.substr(1, 32))),
              HasSubstr("no uncompressed one"));
  EXPECT_THAT(WhyNotBlob(Ecdsa("ecdsa-sha2-nistp256", "nistp256", std::string(1, '\0'))),
              HasSubstr("no uncompressed one"));
  std::string off = point;
  off.back() ^= 1;
  EXPECT_THAT(WhyNotBlob(Ecdsa("ecdsa-sha2-nistp256", "nistp256", off)),
              HasSubstr("not on the curve"));
  const auto ed25519 = [](const std::string& bytes) {
    return WireWriter().String("ssh-ed25519").String(bytes).bytes();
  };
  EXPECT_THAT(WhyNotBlob(ed25519(Ed25519Point() + "x")), HasSubstr("33 bytes"));
  EXPECT_THAT(WhyNotBlob(ed25519(Ed25519Point().substr(1))), HasSubstr("31 bytes"));
  EXPECT_THAT(WhyNotBlob(ed25519(std::string(32, '\0'))), HasSubstr("no point"));
  EXPECT_THAT(WhyNotBlob(ed25519(Ed25519Point()) + "x"), HasSubstr("follows"));
}

TEST(PublicKeyLineTest, NoPartOfAKeyIsAKey) {
  for (const std::string& blob : {Ed25519KeyPair::Generate().PublicKeyBlob(),
                                  EcdsaKeyPair::Generate()->PublicKeyBlob(), Rsa65537(2048)}) {
    for (size_t size = 0; size < blob.size(); ++size) {
      EXPECT_FALSE(CheckPublicKeyBlob(blob.substr(0, size)).ok()) << size;
    }
  }
}

}  // namespace
}  // namespace homeport
