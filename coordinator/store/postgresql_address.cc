#include "coordinator/store/postgresql_address.h"

#include <libpq-fe.h>

#include <cstdlib>
#include <map>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace homeport {
namespace {

using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

// What holds where neither the URL nor the environment says anything else.
const std::map<std::string, std::string>& Defaults() {
  static const auto* defaults = new std::map<std::string, std::string>{
      {"connect_timeout", "5"},       // seconds, for each address
      {"keepalives_idle", "10"},      // seconds
      {"keepalives_interval", "3"},   // seconds
      {"keepalives_count", "3"},      //
      {"tcp_user_timeout", "10000"},  // milliseconds
      {"fallback_application_name", "homeport-coordinator"},
  };
  return *defaults;
}

std::string FromEnvironment(const char* name) {
  const char* value = name == nullptr ? nullptr : std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

bool IsPostgresqlUrl(absl::string_view text) {
  return absl::StartsWith(text, "postgresql://") || absl::StartsWith(text, "postgres://");
}

absl::StatusOr<PostgresqlAddress> ParsePostgresqlUrl(const std::string& url) {
  char* problem = nullptr;
  const Options options(IsPostgresqlUrl(url) ? PQconninfoParse(url.c_str(), &problem) : nullptr,
                        PQconninfoFree);
  PQfreemem(problem);  // has the URL in it, password and all
  if (options == nullptr) {
    return absl::InvalidArgumentError(
        "the database's URL is not one; it looks like postgresql://user@host:5432/database");
  }
  PostgresqlAddress address;
  std::map<std::string, std::string> said;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    std::string value = option->val == nullptr ? "" : option->val;
    if (value.empty()) value = FromEnvironment(option->envvar);
    said[option->keyword] = value;
    const auto fallback = Defaults().find(option->keyword);
    if (value.empty() && fallback != Defaults().end()) value = fallback->second;
    const bool several = absl::StrContains(said["host"], ',');
    if (value.empty() && several && option->keyword == absl::string_view("target_session_attrs")) {
      value = "read-write";
    }
    if (value.empty()) continue;
    absl::StrAppend(&address.connection, option->keyword, "='",
                    absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"'", "\\'"}}), "' ");
  }
  const std::string host = said["host"].empty() ? said["hostaddr"] : said["host"];
  address.name = absl::StrCat("postgresql://", host.empty() ? "localhost" : host,
                              said["port"].empty() ? "" : ":", said["port"], "/", said["dbname"]);
  return address;
}

}  // namespace homeport
