#include "ssh/vector_aes_gcm.h"

#include <intel-ipsec-mb.h>

#include <cstdint>
#include <cstring>
#include <new>

#include "libssh/aes_gcm.h"

namespace homeport::ssh {
namespace {

constexpr size_t kTagBytes = 16;
constexpr size_t kKey128Bytes = 16;
constexpr size_t kKey256Bytes = 32;

// The table of functions for this processor. Made once, never freed.
IMB_MGR* manager = nullptr;

struct Key {
  gcm_key_data data;  // aligned to 64 bytes
  bool is_256;
};

void* NewKey(const uint8_t* key, size_t key_len) {
  if (key_len != kKey128Bytes && key_len != kKey256Bytes) return nullptr;
  Key* prepared = new (std::nothrow) Key;
  if (prepared == nullptr) return nullptr;
  prepared->is_256 = key_len == kKey256Bytes;
  if (prepared->is_256) {
    IMB_AES256_GCM_PRE(manager, key, &prepared->data);
  } else {
    IMB_AES128_GCM_PRE(manager, key, &prepared->data);
  }
  return prepared;
}

void FreeKey(void* key) {
  explicit_bzero(key, sizeof(Key));
  delete static_cast<Key*>(key);
}

int Encrypt(void* key, const uint8_t* iv, const uint8_t* aad, size_t aad_len, const uint8_t* in,
            uint8_t* out, size_t len, uint8_t* tag) {
  const Key& prepared = *static_cast<Key*>(key);
  gcm_context_data context;
  if (prepared.is_256) {
    IMB_AES256_GCM_ENC(manager, &prepared.data, &context, out, in, len, iv, aad, aad_len, tag,
                       kTagBytes);
  } else {
    IMB_AES128_GCM_ENC(manager, &prepared.data, &context, out, in, len, iv, aad, aad_len, tag,
                       kTagBytes);
  }
  return SSH_OK;
}

bool SameTag(const uint8_t* a, const uint8_t* b) {
  unsigned difference = 0;
  for (size_t i = 0; i < kTagBytes; ++i) difference |= static_cast<unsigned>(a[i] ^ b[i]);
  return difference == 0;
}

int Decrypt(void* key, const uint8_t* iv, const uint8_t* aad, size_t aad_len, const uint8_t* in,
            uint8_t* out, size_t len, const uint8_t* tag) {
  const Key& prepared = *static_cast<Key*>(key);
  gcm_context_data context;
  uint8_t right_tag[kTagBytes];
  if (prepared.is_256) {
    IMB_AES256_GCM_DEC(manager, &prepared.data, &context, out, in, len, iv, aad, aad_len, right_tag,
                       kTagBytes);
  } else {
    IMB_AES128_GCM_DEC(manager, &prepared.data, &context, out, in, len, iv, aad, aad_len, right_tag,
                       kTagBytes);
  }
  return SameTag(right_tag, tag) ? SSH_OK : SSH_ERROR;
}

constexpr ssh_aes_gcm_struct kFunctions = {NewKey, FreeKey, Encrypt, Decrypt};

}  // namespace

const ssh_aes_gcm_struct* VectorAesGcm() {
  if (manager == nullptr) {
    IMB_MGR* made = alloc_mb_mgr(0);
    if (made == nullptr) return nullptr;
    constexpr uint64_t kNeeded = IMB_FEATURE_VAES | IMB_FEATURE_VPCLMULQDQ | IMB_FEATURE_AVX512_SKX;
    if ((made->features & kNeeded) != kNeeded) {
      free_mb_mgr(made);
      return nullptr;
    }
    init_mb_mgr_auto(made, nullptr);
    if (imb_get_errno(made) != 0) {
      free_mb_mgr(made);
      return nullptr;
    }
    manager = made;
  }
  return &kFunctions;
}

bool UseVectorAesGcm() {
  const ssh_aes_gcm_struct* const functions = VectorAesGcm();
  if (functions == nullptr) return false;
  ssh_set_aes_gcm(functions);
  return true;
}

}  // namespace homeport::ssh
