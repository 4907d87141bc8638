#include "cli/doctor/agent_checks.h"

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/file.h"
#include "openssl/err.h"
#include "openssl/pem.h"
#include "openssl/x509.h"

namespace homeport::doctor {
namespace {

// The first release is of then.
constexpr absl::CivilDay kNeverBefore(2025, 1, 1);

std::string Flag(const AgentRun& agent, const std::string& name) {
  const auto found = agent.flags.find(name);
  return found == agent.flags.end() ? "" : found->second;
}

std::map<std::string, std::string> ReadStatus(const std::string& path) {
  std::map<std::string, std::string> status;
  const std::string content = ReadFile(path).value_or("");
  for (const absl::string_view line : absl::StrSplit(content, '\n', absl::SkipEmpty())) {
    status.insert(absl::StrSplit(line, absl::MaxSplits('=', 1)));
  }
  return status;
}

struct Certificate {
  absl::Time from;
  absl::Time to;
};

absl::Time TimeOf(const ASN1_TIME* time) {
  tm parts = {};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return absl::InfinitePast();
  return absl::FromTM(parts, absl::UTCTimeZone());
}

std::optional<Certificate> ReadCertificate(const std::string& path) {
  const std::string pem = ReadFile(path).value_or("");
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), &X509_free);
  ERR_clear_error();
  if (certificate == nullptr) return std::nullopt;
  return Certificate{TimeOf(X509_get0_notBefore(certificate.get())),
                     TimeOf(X509_get0_notAfter(certificate.get()))};
}

}  // namespace

Finding CheckAgent(const Surroundings& here, const std::optional<AgentRun>& agent) {
  Finding finding = Ok("agent", "");
  if (!agent.has_value()) {
    finding.state = Finding::State::kMissing;
    finding.what = "no homeport-agent runs here, or none that you may see";
    finding.why = "without it the workspace is offline: nobody can sign in through Homeport";
    finding.fix =
        "let the image's first process be `/var/tmp/coder/homeport-agent run ... -- COMMAND`, and "
        "look at the container's log for what the agent said last";
    return finding;
  }
  const std::string path = Flag(*agent, "status_file");
  if (path.empty()) {
    finding.state = Finding::State::kNote;
    finding.what = absl::StrCat("runs as process ", agent->pid, " and keeps no status file");
    finding.why = "whether it is connected cannot be seen from here";
    finding.fix = "start it with --status_file FILE, or ask `homeport workspaces get`";
    return finding;
  }
  const std::map<std::string, std::string> status = ReadStatus(here.root + path);
  const auto state = status.find("state");
  if (state != status.end() && state->second == "connected") {
    finding.what = absl::StrCat("runs as process ", agent->pid, " and is connected");
    return finding;
  }
  finding.state = Finding::State::kMissing;
  finding.why = "nobody can sign in to this workspace through Homeport";
  if (state == status.end()) {
    finding.what = absl::StrCat("runs as process ", agent->pid, ", but its status file ", path,
                                " says nothing");
    finding.fix = "look at its log; is the folder of the file one that it may write to?";
    return finding;
  }
  const auto error = status.find("error");
  const bool said = error != status.end() && !error->second.empty();
  finding.what = absl::StrCat("runs as process ", agent->pid, " and is not connected",
                              said ? ": " + error->second : "");
  finding.fix =
      absl::StrCat("see that ", Flag(*agent, "coordinator"), " can be reached from here and that ",
                   Flag(*agent, "credential_file"), " holds the workspace's credential");
  return finding;
}

Finding CheckClock(const Surroundings& here, const std::optional<AgentRun>& agent) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  const std::string now = absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", here.now, utc);
  Finding finding = Ok("clock", now);
  const std::string path = agent.has_value() ? Flag(*agent, "ca_file") : "";
  const std::optional<Certificate> certificate = ReadCertificate(here.root + path);
  if (absl::ToCivilDay(here.now, utc) < kNeverBefore) {
    finding.what = absl::StrCat("says ", now, ", which is long past");
  } else if (certificate.has_value() && here.now < certificate->from) {
    finding.what = absl::StrCat("says ", now, ", but the coordinator's certificate in ", path,
                                " is valid only from ",
                                absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", certificate->from, utc));
  } else if (certificate.has_value() && here.now > certificate->to) {
    finding.what =
        absl::StrCat("says ", now, ", but the coordinator's certificate in ", path,
                     " has ended on ", absl::FormatTime("%Y-%m-%d", certificate->to, utc));
  } else {
    return finding;
  }
  finding.state = Finding::State::kMissing;
  finding.why = "the agent then takes the coordinator's certificate for invalid and cannot connect";
  finding.fix =
      "a container has its machine's clock: set that one right (NTP); if it is right, the "
      "workspace needs the coordinator's present CA file";
  return finding;
}

}  // namespace homeport::doctor
