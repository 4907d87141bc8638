#include "ssh/vector_aes_gcm.h"

namespace homeport::ssh {

const ssh_aes_gcm_struct* VectorAesGcm() { return nullptr; }

bool UseVectorAesGcm() { return false; }

}  // namespace homeport::ssh
