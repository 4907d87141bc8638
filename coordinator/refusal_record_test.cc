#include "coordinator/refusal_record.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/audit_line.h"
#include "coordinator/store/open_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1700000000);

class RefusalRecordTest : public ::testing::Test {
 protected:
  RefusalRecordTest() {
    std::string folder = ::testing::TempDir() + "/refusalsXXXXXX";
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    store_ = *OpenStore("sqlite:" + folder + "/homeport.db");
  }

  void Note(RefusalRecord& record, const std::string& who, absl::Time time) {
    AuditRecord line = AuditLine(AuditActor{who, ""}, "admin.deny", "", {{"number", ++number_}});
    line.time = time;
    record.Note(who, line);
  }
  // The details, the oldest first.
  std::vector<std::string> Details() {
    AuditFilter filter;
    filter.action = "admin.deny";
    filter.oldest_first = true;
    std::vector<std::string> details;
    const std::vector<AuditRecord> lines = *store_->ListAudit(filter, 1000);
    for (const AuditRecord& line : lines) details.push_back(line.detail);
    return details;
  }

  int number_ = 0;
  std::unique_ptr<SqlStore> store_;
};

TEST_F(RefusalRecordTest, AFloodIsALineASecondAndLosesNoCount) {
  RefusalRecord record(*store_);
  EXPECT_FALSE(record.waiting());
  for (int i = 0; i < 1000; ++i) Note(record, "eve", kStart);
  ASSERT_EQ(Details().size(), static_cast<size_t>(RefusalRecord::kBurst));
  EXPECT_EQ(Details().back(), R"({"number":10})");
  Note(record, "eve", kStart + absl::Seconds(1));
  EXPECT_EQ(Details().back(), R"({"number":1001,"suppressed":990})");
  Note(record, "bob", kStart + absl::Seconds(1));
  EXPECT_EQ(Details().back(), R"({"number":1002})") << "others are not concerned";
}

TEST_F(RefusalRecordTest, TheLastOnesAreWrittenDownToo) {
  RefusalRecord record(*store_);
  for (int i = 0; i < RefusalRecord::kBurst + 3; ++i) Note(record, "eve", kStart);
  record.Flush(kStart);
  EXPECT_EQ(Details().size(), static_cast<size_t>(RefusalRecord::kBurst));
  record.Flush(kStart + absl::Seconds(1));
  EXPECT_EQ(Details().size(), static_cast<size_t>(RefusalRecord::kBurst) + 1);
  EXPECT_EQ(Details().back(), R"({"number":13,"suppressed":2})");
  EXPECT_TRUE(record.waiting());
  record.Flush(kStart + absl::Minutes(1));
  EXPECT_EQ(Details().size(), static_cast<size_t>(RefusalRecord::kBurst) + 1);
  EXPECT_FALSE(record.waiting());
}

TEST_F(RefusalRecordTest, AnyNumberOfSourcesTakesBoundedPlace) {
  RefusalRecord record(*store_, /*most_counted=*/2);
  for (int i = 0; i < 100; ++i) Note(record, absl::StrCat("host", i), kStart);
  EXPECT_EQ(Details().size(), 2u + RefusalRecord::kBurst);
}

}  // namespace
}  // namespace homeport
