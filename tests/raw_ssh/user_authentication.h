// The requests of the authentication protocol (RFC 4252), right and wrong.
//
// Threads: any.
#ifndef HOMEPORT_TESTS_RAW_SSH_USER_AUTHENTICATION_H_
#define HOMEPORT_TESTS_RAW_SSH_USER_AUTHENTICATION_H_

#include <string>

#include "absl/strings/string_view.h"
#include "tests/raw_ssh/signing_key.h"

namespace homeport::raw_ssh {

// SSH_MSG_SERVICE_REQUEST.
std::string RequestService(const std::string& service);

// SSH_MSG_USERAUTH_REQUEST; `rest` is what follows the method's name.
std::string RequestMethod(const std::string& user, const std::string& method,
                          absl::string_view rest = "");

// A `publickey` request. What is not said is as the key would have it.
struct KeyRequest {
  KeyRequest(std::string user_name, const SigningKey& key)
      : user(std::move(user_name)), algorithm(key.algorithm()), blob(key.blob()) {}

  std::string user;
  std::string algorithm;
  std::string blob;

  // Asks whether a signature would do (RFC 4252, 7).
  std::string Offer() const;
  // What is to be signed: with this in front of the request it is good for one connection only.
  std::string ToSign(absl::string_view session_id) const;
  // The request with a signature.
  std::string WithSignature(absl::string_view signature) const;

 private:
  std::string Request(bool is_signed) const;
};

// The request as it should be, signed by the key that it names.
std::string SignedRequest(absl::string_view session_id, const std::string& user,
                          const SigningKey& key);

}  // namespace homeport::raw_ssh

#endif  // HOMEPORT_TESTS_RAW_SSH_USER_AUTHENTICATION_H_
