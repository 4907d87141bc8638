#include "coordinator/refusal_record.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/logging.h"
#include "coordinator/audit_line.h"

namespace homeport {
namespace {

constexpr char kTheRest[] = "";  // those who find no place of their own

}  // namespace

void RefusalRecord::Note(const std::string& who, const AuditRecord& line) {
  int64_t left_out = 0;
  {
    absl::MutexLock lock(&mutex_);
    Count& count = FindLocked(who, line.time);
    if (count.lines < 1) {
      ++count.left_out;
      count.last = line;
      return;
    }
    count.lines -= 1;
    left_out = std::exchange(count.left_out, 0);
  }
  Write(line, left_out);
}

void RefusalRecord::Flush(absl::Time now) {
  std::vector<std::pair<AuditRecord, int64_t>> due;
  {
    absl::MutexLock lock(&mutex_);
    for (auto it = counts_.begin(); it != counts_.end();) {
      Count& count = it->second;
      Fill(count, now);
      if (count.left_out > 0 && count.lines >= 1) {
        count.lines -= 1;
        due.emplace_back(std::move(count.last), std::exchange(count.left_out, 0) - 1);
      }
      it = count.lines >= kBurst ? counts_.erase(it) : std::next(it);
    }
  }
  for (auto& [line, left_out] : due) Write(std::move(line), left_out);
}

bool RefusalRecord::waiting() const {
  absl::MutexLock lock(&mutex_);
  return !counts_.empty();
}

void RefusalRecord::Fill(Count& count, absl::Time now) {
  const double passed = std::max(0.0, absl::ToDoubleSeconds(now - count.filled));
  count.lines = std::min<double>(kBurst, count.lines + passed);
  count.filled = now;
}

RefusalRecord::Count& RefusalRecord::FindLocked(const std::string& who, absl::Time now) {
  const bool room = counts_.size() < most_counted_ || counts_.count(who) > 0;
  Count& count =
      counts_.try_emplace(room ? who : kTheRest, Count{kBurst, now, 0, {}}).first->second;
  Fill(count, now);
  return count;
}

void RefusalRecord::Write(AuditRecord line, int64_t left_out) {
  if (left_out > 0) {
    AuditDetail detail = AuditDetail::parse(line.detail, nullptr, /*allow_exceptions=*/false);
    if (!detail.is_object()) detail = AuditDetail::object();
    detail["suppressed"] = left_out;
    line.detail = detail.dump(-1, ' ', false, AuditDetail::error_handler_t::replace);
  }
  if (const absl::Status status = store_.AppendAudit(line); !status.ok()) {
    Logger("audit")->error("a refusal ({}) cannot be recorded: {}", line.action,
                           std::string(status.message()));
  }
}

}  // namespace homeport
