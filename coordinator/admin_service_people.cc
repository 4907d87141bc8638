// AdminService's methods about people, their tokens and their keys.
#include "coordinator/admin_service.h"

namespace homeport {

AdminService::Reactor* AdminService::GetCaller(Context* context,
                                               const v1::GetCallerRequest* request,
                                               v1::Caller* response) {
  return Call({context, "GetCaller", ""}, users_, &UserAdministration::GetCaller, request,
              response);
}

AdminService::Reactor* AdminService::CreateUser(Context* context,
                                                const v1::CreateUserRequest* request,
                                                v1::User* response) {
  return Call({context, "CreateUser", request->user_id()}, users_, &UserAdministration::Create,
              request, response);
}

AdminService::Reactor* AdminService::GetUser(Context* context, const v1::GetUserRequest* request,
                                             v1::User* response) {
  return Call({context, "GetUser", request->name()}, users_, &UserAdministration::Get, request,
              response);
}

AdminService::Reactor* AdminService::ListUsers(Context* context,
                                               const v1::ListUsersRequest* request,
                                               v1::ListUsersResponse* response) {
  return Call({context, "ListUsers", ""}, users_, &UserAdministration::List, request, response);
}

AdminService::Reactor* AdminService::UpdateUser(Context* context,
                                                const v1::UpdateUserRequest* request,
                                                v1::User* response) {
  return Call({context, "UpdateUser", request->user().name()}, users_, &UserAdministration::Update,
              request, response);
}

AdminService::Reactor* AdminService::DeleteUser(Context* context,
                                                const v1::DeleteUserRequest* request,
                                                v1::Effect* response) {
  return Call({context, "DeleteUser", request->name()}, users_, &UserAdministration::Delete,
              request, response);
}

AdminService::Reactor* AdminService::SetPassword(Context* context,
                                                 const v1::SetPasswordRequest* request,
                                                 v1::SetPasswordResponse* response) {
  return Call({context, "SetPassword", request->name()}, passwords_, &PasswordAdministration::Set,
              request, response);
}

AdminService::Reactor* AdminService::CreateSignInCode(Context* context,
                                                      const v1::CreateSignInCodeRequest* request,
                                                      v1::CreateSignInCodeResponse* response) {
  return Call({context, "CreateSignInCode", request->name()}, passwords_,
              &PasswordAdministration::CreateCode, request, response);
}

AdminService::Reactor* AdminService::CreateToken(Context* context,
                                                 const v1::CreateTokenRequest* request,
                                                 v1::Token* response) {
  return Call({context, "CreateToken", request->parent()}, tokens_, &TokenAdministration::Create,
              request, response);
}

AdminService::Reactor* AdminService::ListTokens(Context* context,
                                                const v1::ListTokensRequest* request,
                                                v1::ListTokensResponse* response) {
  return Call({context, "ListTokens", request->parent()}, tokens_, &TokenAdministration::List,
              request, response);
}

AdminService::Reactor* AdminService::DeleteToken(Context* context,
                                                 const v1::DeleteTokenRequest* request,
                                                 v1::DeleteTokenResponse* response) {
  return Call({context, "DeleteToken", request->name()}, tokens_, &TokenAdministration::Delete,
              request, response);
}

AdminService::Reactor* AdminService::RegenerateKey(Context* context,
                                                   const v1::RegenerateKeyRequest* request,
                                                   v1::User* response) {
  return Call({context, "RegenerateKey", request->name()}, keys_, &KeyAdministration::Regenerate,
              request, response);
}

AdminService::Reactor* AdminService::DownloadPrivateKey(
    Context* context, const v1::DownloadPrivateKeyRequest* request,
    v1::DownloadPrivateKeyResponse* response) {
  return Call({context, "DownloadPrivateKey", request->name()}, keys_,
              &KeyAdministration::DownloadPrivate, request, response);
}

AdminService::Reactor* AdminService::CreatePublicKey(Context* context,
                                                     const v1::CreatePublicKeyRequest* request,
                                                     v1::PublicKey* response) {
  return Call({context, "CreatePublicKey", request->parent()}, keys_, &KeyAdministration::Create,
              request, response);
}

AdminService::Reactor* AdminService::ListPublicKeys(Context* context,
                                                    const v1::ListPublicKeysRequest* request,
                                                    v1::ListPublicKeysResponse* response) {
  return Call({context, "ListPublicKeys", request->parent()}, keys_, &KeyAdministration::List,
              request, response);
}

AdminService::Reactor* AdminService::DeletePublicKey(Context* context,
                                                     const v1::DeletePublicKeyRequest* request,
                                                     v1::PublicKey* response) {
  return Call({context, "DeletePublicKey", request->name()}, keys_, &KeyAdministration::Delete,
              request, response);
}

}  // namespace homeport
