#include "coordinator/store/postgresql_error.h"

#include <stdexcept>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "soci/postgresql/soci-postgresql.h"

namespace homeport {
namespace {

// Without the statement and its values, which SOCI's what() has, in one line.
std::string DetailOf(const std::exception& error) {
  const auto* soci_error = dynamic_cast<const soci::soci_error*>(&error);
  std::string detail = soci_error != nullptr ? soci_error->get_error_message() : error.what();
  absl::StripAsciiWhitespace(&detail);
  return absl::StrReplaceAll(
      detail, {{"\n\t", " "}, {"\n", " "}, {"Cannot execute query. ", ""}, {"Fatal error. ", ""}});
}

// Empty for an error that the server has not sent.
std::string StateOf(const soci::postgresql_soci_error& error) {
  return std::string(absl::StripAsciiWhitespace(error.sqlstate()));
}

absl::Status Unavailable(const std::string& database, absl::string_view detail) {
  return absl::UnavailableError(
      absl::StrCat("the database ", database, " cannot be used right now: ", detail));
}

absl::Status FromState(absl::string_view state, const std::string& database,
                       absl::string_view detail) {
  const absl::string_view kind = state.substr(0, 2);
  if (state == "53100") {
    return absl::ResourceExhaustedError(
        absl::StrCat("the disk of the database ", database,
                     " is full; nothing was changed. Make room and try again"));
  }
  if (state == "55P03") {
    return Unavailable(database, "others have been writing for too long; try again");
  }
  if (state == "57014") return Unavailable(database, "it did not answer in time");
  // Connections, resources, intervention, what others did at the same time, and a read-only server.
  if (kind == "08" || kind == "53" || kind == "57" || kind == "40" || kind == "58" ||
      state == "25006" || state == "25P03") {
    return Unavailable(database, detail);
  }
  if (kind == "23") {
    return absl::FailedPreconditionError(
        absl::StrCat("this would break a rule of the database: ", detail));
  }
  if (state == "22021" || state == "22P05") {
    return absl::InvalidArgumentError(
        absl::StrCat("the database cannot store this text: ", detail));
  }
  if (state == "XX001" || state == "XX002") {
    return absl::DataLossError(absl::StrCat("the database ", database, " is damaged: ", detail,
                                            ". Restore it from a backup; nothing was changed"));
  }
  return absl::InternalError(absl::StrCat("database ", database, ": ", detail));
}

}  // namespace

bool IsConnectionLost(const std::exception& error, bool connected) {
  const auto* postgresql = dynamic_cast<const soci::postgresql_soci_error*>(&error);
  if (!connected || postgresql == nullptr) return !connected;
  const std::string state = StateOf(*postgresql);
  return state.empty() || absl::StartsWith(state, "08") || absl::StartsWith(state, "57P");
}

absl::Status PostgresqlStatus(const std::exception& error, bool connected,
                              const std::string& database) {
  const std::string detail = DetailOf(error);
  const auto* postgresql = dynamic_cast<const soci::postgresql_soci_error*>(&error);
  const std::string state = postgresql == nullptr ? "" : StateOf(*postgresql);
  if (!state.empty()) return FromState(state, database, detail);
  if (IsConnectionLost(error, connected)) return Unavailable(database, detail);
  if (dynamic_cast<const std::invalid_argument*>(&error) != nullptr) {
    return absl::InvalidArgumentError(detail);
  }
  return absl::InternalError(absl::StrCat("database ", database, ": ", detail));
}

}  // namespace homeport
