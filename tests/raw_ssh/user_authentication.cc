#include "tests/raw_ssh/user_authentication.h"

#include "absl/strings/str_cat.h"
#include "base/ssh_wire.h"
#include "tests/raw_ssh/messages.h"

namespace homeport::raw_ssh {

std::string RequestService(const std::string& service) {
  return WireWriter().Byte(kServiceRequest).String(service).bytes();
}

std::string RequestMethod(const std::string& user, const std::string& method,
                          absl::string_view rest) {
  return WireWriter()
      .Byte(kUserauthRequest)
      .String(user)
      .String("ssh-connection")
      .String(method)
      .Raw(rest)
      .bytes();
}

std::string KeyRequest::Request(bool is_signed) const {
  return RequestMethod(user, "publickey",
                       WireWriter().Bool(is_signed).String(algorithm).String(blob).bytes());
}

std::string KeyRequest::Offer() const { return Request(false); }

std::string KeyRequest::ToSign(absl::string_view session_id) const {
  return WireWriter().String(session_id).Raw(Request(true)).bytes();
}

std::string KeyRequest::WithSignature(absl::string_view signature) const {
  return absl::StrCat(Request(true), WireWriter().String(signature).bytes());
}

std::string SignedRequest(absl::string_view session_id, const std::string& user,
                          const SigningKey& key) {
  const KeyRequest request(user, key);
  return request.WithSignature(key.Sign(request.ToSign(session_id)));
}

}  // namespace homeport::raw_ssh
