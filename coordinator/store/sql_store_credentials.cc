// SqlStore's credentials: tokens and codes of people, those of workspaces and of proxies.
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "coordinator/store/sql_rows.h"
#include "coordinator/store/sql_store.h"

namespace homeport {
namespace {

absl::StatusOr<CredentialRecord> SelectCredential(soci::session& session, absl::string_view id) {
  std::vector<CredentialRecord> rows = SelectCredentials(session, "WHERE id = :id", {id});
  if (rows.empty()) {
    return absl::NotFoundError(absl::StrCat("credential \"", id, "\" was not found"));
  }
  return std::move(rows.front());
}

absl::StatusOr<UserRecord> SelectUserById(soci::session& session, int64_t id) {
  std::vector<UserRecord> rows = SelectUsers(session, "WHERE id = :id", {id});
  if (rows.empty()) return absl::NotFoundError(absl::StrCat("user number ", id, " was not found"));
  return std::move(rows.front());
}

absl::StatusOr<WorkspaceRecord> SelectWorkspace(soci::session& session, absl::string_view owner,
                                                absl::string_view name) {
  std::vector<WorkspaceRecord> rows =
      SelectWorkspaces(session, "WHERE u.name = :owner AND w.name = :name", {owner, name});
  if (rows.empty()) {
    return absl::NotFoundError(absl::StrCat("workspace \"", owner, "/", name, "\" was not found"));
  }
  return std::move(rows.front());
}

}  // namespace

absl::StatusOr<CredentialRecord> SqlStore::CreateToken(int64_t user_id,
                                                       const HashedCredential& token,
                                                       const TokenDetails& details,
                                                       const AuditRecord& audit) {
  return Change(audit, [&](soci::session& session) -> absl::StatusOr<CredentialRecord> {
    const absl::StatusOr<UserRecord> user = SelectUserById(session, user_id);
    if (!user.ok()) return user.status();
    InsertCredential(session, token, user_id, details);
    return SelectCredential(session, token.id);
  });
}

absl::StatusOr<std::vector<CredentialRecord>> SqlStore::ListTokens(int64_t user_id, int64_t before,
                                                                   int limit) {
  return database_->Read([&](soci::session& session) {
    return absl::StatusOr<std::vector<CredentialRecord>>(SelectCredentials(
        session,
        "WHERE user_id = :user AND kind = 'user' AND (CAST(:all AS BIGINT) = 0 OR number < "
        ":before) AND "
        "(expire_time = 0 OR expire_time > :now) ORDER BY number DESC LIMIT :limit",
        {user_id, before, before, TimeColumn(absl::Now()), limit}));
  });
}

absl::Status SqlStore::DeleteToken(int64_t user_id, absl::string_view token_id,
                                   const AuditRecord& audit) {
  return Change(audit, [&](soci::session& session) -> absl::Status {
    if (Execute(session,
                "DELETE FROM credentials WHERE id = :id AND user_id = :user AND kind = 'user'",
                {token_id, user_id}) == 0) {
      return absl::NotFoundError(absl::StrCat("token \"", token_id, "\" was not found"));
    }
    return absl::OkStatus();
  });
}

absl::Status SqlStore::TouchToken(absl::string_view token_id, absl::Time time,
                                  const std::string& address) {
  return database_->Write([&](soci::session& session) -> absl::Status {
    Execute(session,
            "UPDATE credentials SET last_used_time = :time, last_used_address = :address WHERE id "
            "= :id",
            {TimeColumn(time), address, token_id});
    return absl::OkStatus();
  });
}

absl::Status SqlStore::CreateSignInCode(int64_t user_id, const HashedCredential& code,
                                        absl::Time expire_time, const AuditRecord& audit) {
  return Change(audit, [&](soci::session& session) -> absl::Status {
    const absl::StatusOr<UserRecord> user = SelectUserById(session, user_id);
    if (!user.ok()) return user.status();
    Execute(session, "DELETE FROM credentials WHERE user_id = :id AND kind = 'sign-in-code'",
            {user_id});
    TokenDetails details;
    details.expire_time = expire_time;
    InsertCredential(session, code, user_id, details);
    return absl::OkStatus();
  });
}

absl::Status SqlStore::SignIn(int64_t user_id, const std::string& code_id,
                              const HashedCredential& token, const TokenDetails& details,
                              const AuditRecord& audit) {
  return Change(audit, [&](soci::session& session) -> absl::Status {
    const absl::StatusOr<UserRecord> user = SelectUserById(session, user_id);
    if (!user.ok()) return user.status();
    if (user->suspended) {
      return absl::FailedPreconditionError(absl::StrCat("user \"", user->name, "\" is suspended"));
    }
    if (!code_id.empty() &&
        Execute(session,
                "DELETE FROM credentials WHERE id = :id AND user_id = :user AND kind = "
                "'sign-in-code'",
                {code_id, user_id}) == 0) {
      return absl::NotFoundError("the code was used already");
    }
    Execute(session, "UPDATE users SET last_sign_in_time = :time WHERE id = :id",
            {TimeColumn(audit.time), user_id});
    InsertCredential(session, token, user_id, details);
    return absl::OkStatus();
  });
}

absl::StatusOr<CredentialRecord> SqlStore::FindCredential(absl::string_view id) {
  return database_->Read([&](soci::session& session) { return SelectCredential(session, id); });
}

absl::Status SqlStore::SetProxyCredential(const HashedCredential& credential) {
  return database_->Write([&](soci::session& session) -> absl::Status {
    Execute(session, "DELETE FROM credentials WHERE kind = 'proxy'", {});
    InsertCredential(session, credential, 0);
    return absl::OkStatus();
  });
}

absl::StatusOr<int> SqlStore::DeleteExpiredCredentials(absl::Time time) {
  return database_->Write([&](soci::session& session) -> absl::StatusOr<int> {
    return static_cast<int>(
        Execute(session, "DELETE FROM credentials WHERE expire_time <> 0 AND expire_time < :time",
                {TimeColumn(time)}));
  });
}

absl::StatusOr<WorkspaceRecord> SqlStore::RotateCredential(absl::string_view owner,
                                                           absl::string_view name,
                                                           const HashedCredential& credential,
                                                           absl::Time old_until,
                                                           const AuditRecord& audit) {
  return Change(audit, [&](soci::session& session) -> absl::StatusOr<WorkspaceRecord> {
    const absl::StatusOr<WorkspaceRecord> workspace = SelectWorkspace(session, owner, name);
    if (!workspace.ok()) return workspace;
    if (old_until <= absl::Now()) {
      Execute(session, "DELETE FROM credentials WHERE workspace_id = :id", {workspace->id});
    } else {
      // Those of an earlier rotation keep their earlier end.
      Execute(session,
              "UPDATE credentials SET expire_time = :until1 WHERE workspace_id = :id AND "
              "(expire_time = 0 OR expire_time > :until2)",
              {TimeColumn(old_until), workspace->id, TimeColumn(old_until)});
    }
    InsertCredential(session, credential, workspace->id);
    return SelectWorkspace(session, owner, name);
  });
}

absl::StatusOr<WorkspaceRecord> SqlStore::RevokeCredentials(absl::string_view owner,
                                                            absl::string_view name,
                                                            const AuditRecord& audit) {
  return Change(audit, [&](soci::session& session) -> absl::StatusOr<WorkspaceRecord> {
    const absl::StatusOr<WorkspaceRecord> workspace = SelectWorkspace(session, owner, name);
    if (!workspace.ok()) return workspace;
    Execute(session, "DELETE FROM credentials WHERE workspace_id = :id", {workspace->id});
    Execute(session, "UPDATE workspaces SET service_account = '' WHERE id = :id", {workspace->id});
    return SelectWorkspace(session, owner, name);
  });
}

}  // namespace homeport
