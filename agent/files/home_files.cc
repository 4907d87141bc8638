#include "agent/files/home_files.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/time/clock.h"
#include "base/logging.h"

namespace homeport::agent {
namespace {

constexpr size_t kMostLines = 1000;    // session.c, read_environment_file
constexpr size_t kMostReported = 100;  // names in a status
// Of what is escaped for the status: what the coordinator takes, a quarter of it (agent_hello.cc).
constexpr size_t kLongestSentence = 250;
constexpr size_t kLongestPath = 1000;

size_t CountLines(absl::string_view text) {
  const size_t ends = static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
  return ends + (text.empty() || text.back() == '\n' ? 0 : 1);
}

std::string NameOf(const std::string& line) {
  return Printable(line.substr(0, line.find('=')), kLongestSentence);
}

}  // namespace

HomeFiles::File::File(const Options& options, const std::string& name,
                      const BlockStyle& block_style)
    : style(block_style),
      file([&] {
        ManagedFile::Options file_options;
        file_options.home = options.home;
        file_options.name = name;
        return file_options;
      }()),
      backoff(options.first_pause, options.longest_pause) {}

HomeFiles::HomeFiles(Options options, StatusBoard& board)
    : board_(board),
      keys_(options, "authorized_keys", KeysBlockStyle()),
      environment_(options, "environment", EnvironmentBlockStyle()),
      thread_([this] { Run(); }) {}

HomeFiles::~HomeFiles() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void HomeFiles::SetKeys(std::vector<std::string> lines) { Set(keys_, {std::move(lines), {}, 0}); }

void HomeFiles::SetEnvironment(std::vector<std::string> lines, std::vector<std::string> left_out) {
  Set(environment_, {std::move(lines), std::move(left_out), 0});
}

void HomeFiles::Set(File& file, Wish wish) {
  absl::MutexLock lock(&mutex_);
  if (file.wished && file.wish.lines == wish.lines && file.wish.left_out == wish.left_out) return;
  file.wished = true;
  file.wish = std::move(wish);
  file.wish.number = ++file.wishes;
  file.due = absl::InfinitePast();
  changed_ = true;
}

void HomeFiles::WhenTried(TriedCallback on_tried) {
  {
    absl::MutexLock lock(&mutex_);
    waiting_.push_back(std::move(on_tried));
  }
  TellTried();
}

std::optional<std::string> HomeFiles::TriedLocked() const {
  if (keys_.tried < keys_.wishes || environment_.tried < environment_.wishes) return std::nullopt;
  return keys_.error.empty() ? environment_.error : keys_.error;
}

void HomeFiles::TellTried() {
  std::vector<TriedCallback> told;
  std::optional<std::string> tried;
  {
    absl::MutexLock lock(&mutex_);
    tried = TriedLocked();
    if (tried.has_value()) told.swap(waiting_);
  }
  for (const TriedCallback& on_tried : told) on_tried(*tried);
}

HomeFiles::File* HomeFiles::AwaitDue(Wish& wish) {
  absl::MutexLock lock(&mutex_);
  for (;;) {
    if (stopping_) return nullptr;
    File& next = keys_.due <= environment_.due ? keys_ : environment_;
    if (next.due <= absl::Now()) {
      next.due = absl::InfiniteFuture();
      wish = next.wish;
      return &next;
    }
    changed_ = false;
    const auto woken = [this]()
                           ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return changed_ || stopping_; };
    mutex_.AwaitWithDeadline(absl::Condition(&woken), next.due);
  }
}

void HomeFiles::Run() {
  Wish wish;
  while (File* const file = AwaitDue(wish)) {
    Write(*file, std::move(wish));
    TellTried();
  }
}

void HomeFiles::Write(File& file, Wish wish) {
  const bool counted = &file == &environment_;
  const std::vector<std::string> left_out = wish.left_out;
  const absl::Status status = file.file.Update([&](absl::string_view content) {
    std::vector<std::string> lines = wish.lines;
    wish.left_out = left_out;  // this may not be the first call
    std::string text = WithBlock(content, file.style, lines);
    const size_t count = counted ? CountLines(text) : 0;
    // Too long a file would end every session of sshd's.
    if (count > kMostLines && count - kMostLines <= lines.size()) {
      const auto first = lines.end() - static_cast<std::ptrdiff_t>(count - kMostLines);
      std::transform(first, lines.end(), std::back_inserter(wish.left_out), NameOf);
      lines.erase(first, lines.end());
      text = WithBlock(content, file.style, lines);
    }
    return text;
  });
  Report(file, wish, status);
  absl::MutexLock lock(&mutex_);
  file.tried = wish.number;
  file.error = status.ok() ? "" : Printable(status.message(), kLongestSentence);
  if (status.ok()) {
    file.backoff.Reset();
  } else {
    file.due = std::min(file.due, absl::Now() + file.backoff.Next());
  }
}

void HomeFiles::Report(const File& file, const Wish& wish, const absl::Status& status) {
  v1::ManagedFile report;
  report.set_path(Printable(file.file.path(), kLongestPath));
  report.set_current(status.ok());
  if (status.ok()) {
    for (size_t i = 0; i < std::min(wish.left_out.size(), kMostReported); ++i) {
      report.add_left_out(wish.left_out[i]);
    }
    Logger("files")->info("{} is right", report.path());
  } else {
    report.set_error(Printable(status.message(), kLongestSentence));
    Logger("files")->warn("{}", report.error());
    board_.SetError(report.error());
  }
  board_.SetFile(report);
}

}  // namespace homeport::agent
