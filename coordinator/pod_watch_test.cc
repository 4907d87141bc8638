#include "coordinator/pod_watch.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"

namespace homeport {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr absl::Duration kInterval = absl::Minutes(5);
const absl::Time kStart = absl::FromUnixSeconds(1800000000);

class PodWatchTest : public testing::Test {
 protected:
  PodWatchTest()
      : pool_(1),
        watch_(
            [this](const PodIdentity& pod, int64_t) {
              looked_at_.push_back(pod.pod);
              return answers_[pod.pod];
            },
            pool_, kInterval) {}

  int64_t Add(const std::string& pod, absl::Time now = kStart) {
    return watch_.Add({PodIdentity{"team-a", "ws", pod, "uid"}, 7,
                       [this, pod](const absl::Status& status) {
                         EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
                         ended_.push_back(pod);
                       }},
                      now);
  }
  // The pods that were looked at.
  std::vector<std::string> Tick(absl::Time now) {
    looked_at_.clear();
    watch_.Tick(now);
    absl::Notification done;
    pool_.Submit([&done] { done.Notify(); });
    done.WaitForNotification();
    return looked_at_;
  }

  std::map<std::string, absl::Status> answers_;
  std::vector<std::string> looked_at_;
  std::vector<std::string> ended_;
  WorkerPool pool_;
  PodWatch watch_;
};

TEST_F(PodWatchTest, LooksOnceAnIntervalAndEndsWhatIsGone) {
  Add("dev");
  EXPECT_THAT(Tick(kStart + kInterval * 0.7), IsEmpty());
  EXPECT_THAT(Tick(kStart + kInterval * 1.3), ElementsAre("dev"));
  EXPECT_THAT(Tick(kStart + kInterval * 1.4), IsEmpty());
  EXPECT_THAT(ended_, IsEmpty());
  answers_["dev"] = absl::UnauthenticatedError("gone");
  EXPECT_THAT(Tick(kStart + kInterval * 3), ElementsAre("dev"));
  EXPECT_THAT(ended_, ElementsAre("dev"));
}

TEST_F(PodWatchTest, WhoHasLeftIsNotLookedAt) {
  const int64_t id = Add("dev");
  Add("box");
  watch_.Remove(id);
  watch_.Remove(id);
  EXPECT_THAT(Tick(kStart + kInterval * 2), ElementsAre("box"));
}

TEST_F(PodWatchTest, WithoutAnAnswerAStreamGoesOnForAWhile) {
  Add("dev");
  answers_["dev"] = absl::UnavailableError("away");
  absl::Time now = kStart + kInterval * 2;
  EXPECT_THAT(Tick(now), ElementsAre("dev"));
  now += kInterval / 5;  // sooner than otherwise
  EXPECT_THAT(Tick(now), ElementsAre("dev"));
  now = kStart + PodWatch::kLongestBlind - absl::Seconds(1);
  EXPECT_THAT(Tick(now), ElementsAre("dev"));
  EXPECT_THAT(ended_, IsEmpty());
  // An answer begins the time anew.
  answers_["dev"] = absl::OkStatus();
  now += kInterval / 5;
  EXPECT_THAT(Tick(now), ElementsAre("dev"));
  answers_["dev"] = absl::UnavailableError("away");
  Tick(now + PodWatch::kLongestBlind - absl::Seconds(1));
  EXPECT_THAT(ended_, IsEmpty());
  Tick(now + PodWatch::kLongestBlind + kInterval);
  EXPECT_THAT(ended_, ElementsAre("dev"));
}

TEST_F(PodWatchTest, ManyAreSpreadAndTakenInTurns) {
  for (int i = 0; i < 1000; ++i) Add(absl::StrCat("pod-", i));
  // Between 0.8 and 1.2 intervals: about half of them by then.
  size_t early = 0;
  while (true) {
    const size_t looked = Tick(kStart + kInterval).size();
    EXPECT_LE(looked, static_cast<size_t>(PodWatch::kMostAtOnce));
    if (looked == 0) break;
    early += looked;
  }
  EXPECT_GT(early, 300u);
  EXPECT_LT(early, 700u);
}

}  // namespace
}  // namespace homeport
