#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/resource_name.h"
#include "cli/session_text.h"
#include "cli/who_sees.h"

namespace homeport {
namespace {

struct SessionOptions {
  std::string session;
  std::string user;
  std::string workspace;
  std::string provider;
  std::string reason;

  bool empty() const {
    return session.empty() && user.empty() && workspace.empty() && provider.empty();
  }
};

// A session's name is the server's own: short or whole.
absl::StatusOr<std::string> SessionName(const std::string& typed) {
  const std::string id = LastPart(typed);
  if (id.empty() || (typed != id && typed != absl::StrCat("sessions/", id))) {
    return absl::InvalidArgumentError(
        "write the session's name as homeport sessions list shows it");
  }
  return absl::StrCat("sessions/", id);
}

absl::StatusOr<v1::SessionFilter> Filter(Invocation& invocation, const SessionOptions& options) {
  v1::SessionFilter filter;
  if (!options.session.empty()) {
    const absl::StatusOr<std::string> name = SessionName(options.session);
    if (!name.ok()) return name.status();
    filter.set_session(*name);
  }
  if (!options.workspace.empty()) {
    const absl::StatusOr<std::string> name = invocation.ResolveWorkspace(options.workspace, "");
    if (!name.ok()) return name.status();
    filter.set_workspace(*name);
  }
  if (!options.provider.empty()) {
    const absl::StatusOr<std::string> id = ParseProviderId(options.provider);
    if (!id.ok()) return id.status();
    filter.set_provider(ProviderName(*id));
  }
  if (!options.user.empty()) {
    const absl::StatusOr<std::string> user = invocation.ResolveUser(options.user);
    if (!user.ok()) return user.status();
    filter.set_user(*user);
    return filter;
  }
  // A member may only ask for their own, by user.
  const absl::StatusOr<v1::Caller> caller = invocation.Caller();
  if (!caller.ok()) return caller.status();
  if (!SeesEverybodys(*caller)) filter.set_user(caller->user().name());
  return filter;
}

absl::Status List(Invocation& invocation, const SessionOptions& options) {
  const absl::StatusOr<SessionsApi*> sessions = invocation.Sessions();
  if (!sessions.ok()) return sessions.status();
  const absl::StatusOr<v1::SessionFilter> filter = Filter(invocation, options);
  if (!filter.ok()) return filter.status();
  const absl::StatusOr<std::vector<v1::Session>> live = (*sessions)->ListSessions(*filter);
  if (!live.ok()) return live.status();
  return invocation.PrintList(*live, SessionTable(*live));
}

absl::Status Watch(Invocation& invocation, const SessionOptions& options) {
  const absl::StatusOr<SessionsApi*> sessions = invocation.Sessions();
  if (!sessions.ok()) return sessions.status();
  const absl::StatusOr<v1::SessionFilter> filter = Filter(invocation, options);
  if (!filter.ok()) return filter.status();
  absl::Status shown = absl::OkStatus();
  absl::Status status = (*sessions)->WatchSessions(*filter, [&](const v1::SessionEvent& event) {
    if (invocation.json()) {
      const absl::StatusOr<std::string> line = ToJsonLine(event);
      if (!line.ok()) {
        shown = line.status();
        return false;
      }
      return invocation.PrintNow(*line);
    }
    const std::string text = EventText(event);
    return text.empty() || invocation.PrintNow(absl::StrCat(text, "\n"));
  });
  status.Update(shown);
  return status;
}

absl::Status End(Invocation& invocation, const SessionOptions& options) {
  if (options.empty()) {
    return absl::InvalidArgumentError(
        "which sessions are to end? Name one, or say --user, --workspace or --provider");
  }
  const absl::StatusOr<SessionsApi*> sessions = invocation.Sessions();
  if (!sessions.ok()) return sessions.status();
  const absl::StatusOr<v1::SessionFilter> filter = Filter(invocation, options);
  if (!filter.ok()) return filter.status();
  v1::EndSessionsRequest request;
  *request.mutable_filter() = *filter;
  request.set_reason(options.reason);
  const absl::StatusOr<v1::Effect> effect = (*sessions)->EndSessions(request);
  if (!effect.ok()) return effect.status();
  if (invocation.json()) {
    absl::Status status = invocation.PrintJson(ToJson(*effect));
    status.Update(invocation.TellEffect(*effect));
    return status;
  }
  if (effect->ended_sessions() == 0) invocation.Print("No session ended.\n");
  return invocation.TellEffect(*effect);
}

void AddFilters(CLI::App& command, SessionOptions& options) {
  command.add_option("--user", options.user, "Only this user's");
  command.add_option("--workspace", options.workspace, "Only those to this workspace");
  command.add_option("--provider", options.provider, "Only those to this provider's workspaces");
}

}  // namespace

void AddSessionCommands(CLI::App& app, Invocation& invocation) {
  CLI::App* sessions = app.add_subcommand("sessions", "List, watch and end live sessions");
  sessions->require_subcommand(1);
  auto options = std::make_shared<SessionOptions>();  // shared by parser and actions
  CLI::App* list = sessions->add_subcommand("list", "List the sessions that you may see");
  AddFilters(*list, *options);
  invocation.OnCommand(list, [&invocation, options] { return List(invocation, *options); });
  CLI::App* watch = sessions->add_subcommand(
      "watch", "Show sessions as they begin, change and end: a line, or a line of JSON, for each");
  AddFilters(*watch, *options);
  invocation.OnCommand(watch, [&invocation, options] { return Watch(invocation, *options); });
  CLI::App* end = sessions->add_subcommand("end", "End sessions");
  end->add_option("SESSION", options->session, "Its name, as the list shows it");
  AddFilters(*end, *options);
  end->add_option("--reason", options->reason, "What their people are told, one sentence");
  invocation.OnCommand(end, [&invocation, options] { return End(invocation, *options); });
}

}  // namespace homeport
