#include "coordinator/admin_service.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "base/logging.h"
#include "coordinator/access.h"
#include "coordinator/audit_line.h"
#include "coordinator/peer_address.h"
#include "coordinator/resource_name.h"
#include "rpc/bearer_token.h"
#include "rpc/unary.h"

namespace homeport {
namespace {

constexpr absl::Duration kUseInterval = absl::Minutes(1);

// Whether the method changes nothing, and is answered at once.
bool Reads(absl::string_view method) {
  return absl::StartsWith(method, "Get") || absl::StartsWith(method, "List");
}

}  // namespace

AdminService::AdminService(const Parts& parts)
    : store_(parts.store),
      pool_(parts.pool),
      change_pool_(parts.change_pool),
      sign_in_pool_(parts.sign_in_pool),
      refusals_(parts.refusals),
      metrics_(parts.metrics),
      host_public_key_(parts.host_public_key),
      ssh_address_(parts.ssh_address),
      noted_uses_(1 / absl::ToDoubleSeconds(kUseInterval), 1),
      authenticator_(parts.store),
      users_(parts.store, parts.vault, parts.changes),
      passwords_(parts.store, parts.limits),
      tokens_(parts.store),
      keys_(parts.store, parts.vault, parts.changes),
      providers_(parts.store, parts.replicas, parts.changes),
      workspaces_(parts.store, parts.replicas, parts.changes),
      session_administration_(parts.store, parts.replicas, parts.changes),
      settings_(parts.store),
      audit_(parts.store),
      sessions_(parts.sessions),
      replicas_(parts.replicas) {}

AdminService::Reactor* AdminService::Run(About about, Work work) {
  const std::string method = about.method;
  const bool reads = Reads(method);
  auto run = [this, method, reads, resource = std::move(about.resource),
              token = BearerToken(*about.context), address = PeerAddress(about.context->peer()),
              work = std::move(work)] {
    absl::StatusOr<Caller> caller = authenticator_.User(token);
    absl::Status status = caller.status();
    if (status.ok()) {
      caller->address = address;
      NoteUse(*caller);
      status = Admit(*caller, method, resource);
    }
    if (status.ok()) status = work(*caller);
    metrics_.CountRpc(method, status);
    // What changes nothing is not worth a line for each call.
    Logger("admin")->log(reads ? spdlog::level::debug : spdlog::level::info,
                         "{} user={} about={}: {}", method, caller.ok() ? caller->user.name : "-",
                         Printable(resource), absl::StatusCodeToString(status.code()));
    return status;
  };
  return RunUnary(about.context, PoolFor(method), std::move(run));
}

WorkerPool& AdminService::PoolFor(absl::string_view method) {
  if (method == "SetPassword") return sign_in_pool_;
  return Reads(method) ? pool_ : change_pool_;
}

absl::Status AdminService::Admit(const Caller& caller, const std::string& method,
                                 const std::string& resource) {
  absl::Status status = Authorize(caller, method, resource);
  if (!status.ok()) {
    refusals_.Note(FormatUserName(caller.user.name),
                   AuditLine(caller, "admin.deny", Printable(resource), {{"method", method}}));
  }
  return status;
}

void AdminService::NoteUse(const Caller& caller) {
  const absl::Time now = absl::Now();
  const CredentialRecord& token = caller.token;
  if (now - token.last_used_time < kUseInterval || !noted_uses_.Take(token.number, now)) return;
  // A failure is counted and logged by the store, and a later call tries again.
  pool_.Submit([this, id = token.hashed.id, now, host = HostOf(caller.address)] {
    (void)store_.TouchToken(id, now, host);
  });
}

AdminService::Reactor* AdminService::GetFrontDoor(Context* context, const v1::GetFrontDoorRequest*,
                                                  v1::FrontDoor* response) {
  return Run({context, "GetFrontDoor", ""}, [this, response](const Caller&) {
    response->add_host_public_keys(host_public_key_);
    response->set_address(ssh_address_);
    return absl::OkStatus();
  });
}

AdminService::Reactor* AdminService::ListReplicas(Context* context, const v1::ListReplicasRequest*,
                                                  v1::ListReplicasResponse* response) {
  return Run({context, "ListReplicas", ""}, [this, response](const Caller&) {
    absl::StatusOr<std::vector<v1::Replica>> replicas = replicas_.List();
    if (!replicas.ok()) return replicas.status();
    response->mutable_replicas()->Assign(replicas->begin(), replicas->end());
    return absl::OkStatus();
  });
}

AdminService::Reactor* AdminService::GetSettings(Context* context,
                                                 const v1::GetSettingsRequest* request,
                                                 v1::Settings* response) {
  return Call({context, "GetSettings", ""}, settings_, &SettingsAdministration::Get, request,
              response);
}

AdminService::Reactor* AdminService::UpdateSettings(Context* context,
                                                    const v1::UpdateSettingsRequest* request,
                                                    v1::Settings* response) {
  return Call({context, "UpdateSettings", ""}, settings_, &SettingsAdministration::Update, request,
              response);
}

AdminService::Reactor* AdminService::ListAuditEntries(Context* context,
                                                      const v1::ListAuditEntriesRequest* request,
                                                      v1::ListAuditEntriesResponse* response) {
  return Call({context, "ListAuditEntries", request->target()}, audit_, &AuditAdministration::List,
              request, response);
}

AdminService::Reactor* AdminService::VerifyAudit(Context* context,
                                                 const v1::VerifyAuditRequest* request,
                                                 v1::VerifyAuditResponse* response) {
  return Call({context, "VerifyAudit", ""}, audit_, &AuditAdministration::Verify, request,
              response);
}

}  // namespace homeport
