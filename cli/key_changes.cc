// keys add | remove | regenerate.
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/file.h"
#include "cli/commands.h"
#include "cli/failure.h"
#include "cli/resource_name.h"
#include "cli/terminal_prompt.h"
#include "cli/user_text.h"

namespace homeport {
namespace {

struct ChangeOptions {
  std::string user;
  std::string source;  // a file or `-`
  std::string display_name;
  std::string key;
  bool yes = false;
};

absl::StatusOr<std::string> ReadKeyLine(const std::string& source) {
  std::string content;
  if (source == "-") {
    content.assign(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  } else {
    absl::StatusOr<std::string> file = ReadFile(source, size_t{64} << 10);
    if (!file.ok()) return LocalFailure(file.status());
    content = *std::move(file);
  }
  if (absl::StrContains(content, "PRIVATE KEY")) {
    return absl::InvalidArgumentError(
        "that is a private key, which nobody else should see; give the file that ends in .pub");
  }
  const std::string line(absl::StripAsciiWhitespace(content));
  if (line.empty() || absl::StrContains(line, '\n')) {
    return absl::InvalidArgumentError(
        "a public key is one line, as in the file ~/.ssh/id_ed25519.pub");
  }
  return line;
}

absl::Status Add(Invocation& invocation, const ChangeOptions& options) {
  const absl::StatusOr<std::string> line = ReadKeyLine(options.source);
  if (!line.ok()) return line.status();
  const absl::StatusOr<std::string> user = invocation.ResolveUser("");
  if (!user.ok()) return user.status();
  const absl::StatusOr<PeopleApi*> people = invocation.People();
  if (!people.ok()) return people.status();
  v1::CreatePublicKeyRequest request;
  request.set_parent(*user);
  request.mutable_public_key()->set_public_key(*line);
  request.mutable_public_key()->set_display_name(options.display_name);
  const absl::StatusOr<v1::PublicKey> key = (*people)->CreatePublicKey(request);
  if (!key.ok()) return key.status();
  return invocation.PrintResource(*key, PublicKeyTable(*key));
}

// The key that `typed` means: by name, by fingerprint, or by what it is for.
absl::StatusOr<std::string> FindKey(PeopleApi& people, const std::string& user,
                                    const std::string& typed) {
  const absl::StatusOr<std::vector<v1::PublicKey>> keys = people.ListPublicKeys(user);
  if (!keys.ok()) return keys.status();
  std::vector<std::string> found;
  for (const v1::PublicKey& key : *keys) {
    if (key.name() == typed || LastPart(key.name()) == typed) return key.name();
    if (key.fingerprint() == typed || key.display_name() == typed) found.push_back(key.name());
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    return absl::NotFoundError(
        absl::StrCat("there is no key ", typed, "; homeport keys list shows those that there are"));
  }
  return absl::InvalidArgumentError(absl::StrCat(found.size(), " keys are called ", typed,
                                                 "; name one as homeport keys list shows it"));
}

absl::Status Remove(Invocation& invocation, const ChangeOptions& options) {
  const absl::StatusOr<std::string> user = invocation.ResolveUser(options.user);
  if (!user.ok()) return user.status();
  const absl::StatusOr<PeopleApi*> people = invocation.People();
  if (!people.ok()) return people.status();
  const absl::StatusOr<std::string> name = FindKey(**people, *user, options.key);
  if (!name.ok()) return name.status();
  const absl::StatusOr<v1::PublicKey> key = (*people)->DeletePublicKey(*name);
  if (!key.ok()) return key.status();
  return invocation.PrintDeleted(*name, key->effect());
}

// What will end, as far as anybody can tell now.
std::string Consequence(Invocation& invocation, const std::string& user) {
  const absl::StatusOr<SessionsApi*> sessions = invocation.Sessions();
  v1::SessionFilter filter;
  filter.set_user(user);
  if (sessions.ok()) {
    if (const auto live = (*sessions)->ListSessions(filter); live.ok()) {
      int concerned = 0;
      for (const v1::Session& session : *live) concerned += session.key_name() == "assigned";
      return concerned == 0   ? "No session uses it now."
             : concerned == 1 ? "1 session that signed in with it ends."
                              : absl::StrCat(concerned, " sessions that signed in with it end.");
    }
  }
  return "Sessions that signed in with it end.";
}

absl::Status Confirm(Invocation& invocation, const std::string& user) {
  const absl::StatusOr<bool> answer = AskYesNo(
      absl::StrCat("The key of ", LastPart(user), " is replaced and works nowhere any more. ",
                   Consequence(invocation, user), " Go on?"));
  if (absl::IsFailedPrecondition(answer.status())) {
    return absl::FailedPreconditionError(
        absl::StrCat(answer.status().message(), "; --yes says that you are sure"));
  }
  if (!answer.ok()) return answer.status();
  return *answer ? absl::OkStatus() : absl::AbortedError("nothing was changed");
}

absl::Status Regenerate(Invocation& invocation, const ChangeOptions& options) {
  const absl::StatusOr<std::string> user = invocation.ResolveUser(options.user);
  if (!user.ok()) return user.status();
  const absl::StatusOr<PeopleApi*> people = invocation.People();
  if (!people.ok()) return people.status();
  if (!options.yes) {
    if (absl::Status status = Confirm(invocation, *user); !status.ok()) return status;
  }
  const absl::StatusOr<v1::User> changed = (*people)->RegenerateKey(*user);
  if (!changed.ok()) return changed.status();
  absl::Status status = invocation.PrintResource(*changed, UserTable(*changed));
  status.Update(invocation.TellEffect(changed->effect()));
  invocation.Remark("homeport config-ssh fetches the new key for ssh on this machine.");
  return status;
}

}  // namespace

void AddKeyChanges(CLI::App& keys, Invocation& invocation) {
  auto options = std::make_shared<ChangeOptions>();  // shared by parser and actions
  CLI::App* add = keys.add_subcommand("add", "Let a public key of your own open the front door");
  add->add_option("FILE", options->source, "The public key; - for standard input")->required();
  add->add_option("--name", options->display_name,
                  "What it is for, as in yubikey; the key's comment if not given");
  invocation.OnCommand(add, [&invocation, options] { return Add(invocation, *options); });
  CLI::App* remove = keys.add_subcommand("remove", "Take a public key away; its sessions end");
  remove->add_option("KEY", options->key, "Its name, fingerprint, or what it is for")->required();
  remove->add_option("--user", options->user, "Whose; yours if not given");
  invocation.OnCommand(remove, [&invocation, options] { return Remove(invocation, *options); });
  CLI::App* regenerate = keys.add_subcommand(
      "regenerate", "Replace the assigned key pair; sessions that signed in with it end");
  regenerate->add_option("USER", options->user, "Whose; yours if not given");
  regenerate->add_flag("--yes", options->yes, "Do not ask");
  invocation.OnCommand(regenerate,
                       [&invocation, options] { return Regenerate(invocation, *options); });
}

}  // namespace homeport
