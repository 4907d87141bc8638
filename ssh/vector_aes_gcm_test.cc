#include "ssh/vector_aes_gcm.h"

#include <openssl/evp.h>

#include <string>

#include "gtest/gtest.h"
#include "libssh/aes_gcm.h"

namespace homeport::ssh {
namespace {

std::string Bytes(size_t size, unsigned seed) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>((seed = seed * 1103515245 + 12345) >> 16);
  return bytes;
}

const uint8_t* In(const std::string& bytes) {
  return reinterpret_cast<const uint8_t*>(bytes.data());
}
uint8_t* Out(std::string& bytes) { return reinterpret_cast<uint8_t*>(bytes.data()); }

struct Sealed {
  std::string text;
  std::string tag;
};

Sealed SealByOpenssl(const std::string& key, const std::string& iv, const std::string& aad,
                     const std::string& plain) {
  Sealed sealed{std::string(plain.size(), '\0'), std::string(16, '\0')};
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  const EVP_CIPHER* cipher = key.size() == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
  int size = 0;
  EXPECT_EQ(EVP_EncryptInit_ex(context, cipher, nullptr, In(key), In(iv)), 1);
  EXPECT_EQ(EVP_EncryptUpdate(context, nullptr, &size, In(aad), static_cast<int>(aad.size())), 1);
  EXPECT_EQ(EVP_EncryptUpdate(context, Out(sealed.text), &size, In(plain),
                              static_cast<int>(plain.size())),
            1);
  EXPECT_EQ(EVP_EncryptFinal_ex(context, Out(sealed.text) + size, &size), 1);
  EXPECT_EQ(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, 16, Out(sealed.tag)), 1);
  EVP_CIPHER_CTX_free(context);
  return sealed;
}

// The key's size in bytes.
class VectorAesGcmTest : public testing::TestWithParam<size_t> {
 protected:
  void SetUp() override {
    gcm_ = VectorAesGcm();
    if (gcm_ == nullptr) GTEST_SKIP() << "this processor has no VAES with AVX-512";
    key_ = gcm_->new_key(In(key_bytes_), key_bytes_.size());
    ASSERT_NE(key_, nullptr);
  }
  void TearDown() override {
    if (key_ != nullptr) gcm_->free_key(key_);
  }
  Sealed Seal(const std::string& plain) {
    Sealed sealed{std::string(plain.size(), '\0'), std::string(16, '\0')};
    EXPECT_EQ(gcm_->encrypt(key_, In(iv_), In(aad_), aad_.size(), In(plain), Out(sealed.text),
                            plain.size(), Out(sealed.tag)),
              SSH_OK);
    return sealed;
  }
  // In place, as libssh does.
  int Open(Sealed& sealed) {
    return gcm_->decrypt(key_, In(iv_), In(aad_), aad_.size(), In(sealed.text), Out(sealed.text),
                         sealed.text.size(), In(sealed.tag));
  }

  const std::string key_bytes_ = Bytes(GetParam(), 1);
  std::string iv_ = Bytes(12, 2);
  std::string aad_ = Bytes(4, 3);
  const ssh_aes_gcm_struct* gcm_ = nullptr;
  void* key_ = nullptr;
};

INSTANTIATE_TEST_SUITE_P(KeySizes, VectorAesGcmTest, testing::Values(16, 32));

TEST_P(VectorAesGcmTest, SaysWhatOpensslSays) {
  for (const size_t size : {1, 15, 16, 17, 255, 256, 257, 4096, 32784, 262144}) {
    const std::string plain = Bytes(size, static_cast<unsigned>(size));
    const Sealed ours = Seal(plain);
    const Sealed openssl = SealByOpenssl(key_bytes_, iv_, aad_, plain);
    EXPECT_EQ(ours.text, openssl.text) << size;
    EXPECT_EQ(ours.tag, openssl.tag) << size;
    Sealed to_open = openssl;
    EXPECT_EQ(Open(to_open), SSH_OK) << size;
    EXPECT_EQ(to_open.text, plain) << size;
  }
}

TEST_P(VectorAesGcmTest, OneChangedBitIsRefused) {
  const Sealed sealed = Seal(Bytes(1000, 7));
  for (size_t byte = 0; byte < 16; ++byte) {
    Sealed forged = sealed;
    forged.tag[byte] = static_cast<char>(forged.tag[byte] ^ 0x40);
    EXPECT_EQ(Open(forged), SSH_ERROR) << "tag " << byte;
  }
  Sealed forged = sealed;
  forged.text[999] = static_cast<char>(forged.text[999] ^ 1);
  EXPECT_EQ(Open(forged), SSH_ERROR);
  forged = sealed;
  aad_[0] = static_cast<char>(aad_[0] ^ 1);
  EXPECT_EQ(Open(forged), SSH_ERROR);
}

TEST_P(VectorAesGcmTest, KeysOfOtherSizesAreRefused) {
  EXPECT_EQ(gcm_->new_key(In(key_bytes_), 24), nullptr);
  EXPECT_EQ(gcm_->new_key(In(key_bytes_), 0), nullptr);
}

}  // namespace
}  // namespace homeport::ssh
