// Many short commands in a row or at once, as Ansible and scripts run them.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/conformance/both_backends.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;

using ManyShortCommands = BothBackends;
HOMEPORT_STORY_OF_BOTH(ManyShortCommands);

TEST_P(ManyShortCommands, LikeAnsibles) {
  // ControlPersist leaves an ssh in the background; the last line ends it.
  const Result result = Bash(R"sh(
    said=
    ansible="$SSH -C -o ControlMaster=auto -o ControlPersist=60s -o ControlPath=$DIR/cp"
    $ansible $WS "mkdir -p $DIR/tmp/task && echo $DIR/tmp/task" 2>err
    for ((i = 0; i < 25; i++)); do
      echo "print($i)" >module
      scp -q $OPTIONS -o ControlPath="$DIR/cp" module "$WS:$DIR/tmp/task/module-$i.py"
      trap 'echo "in round $i: $said"; cat err' EXIT
      said=$($ansible -tt $WS "/bin/sh -c 'chmod u+x $DIR/tmp/task/ && sleep 0; \
        /usr/bin/python3 $DIR/tmp/task/module-$i.py'" </dev/null 2>>err)
      test "${said%$'\r'}" = "$i"
    done
    trap - EXIT
    $ansible $WS "rm -r $DIR/tmp/task"
    $ansible -O check $WS
    $ansible -O exit $WS
    ! $ansible -O check $WS)sh");
  EXPECT_EQ(result.status, 0) << result.out << result.err;
  EXPECT_THAT(result.err, HasSubstr("Master running"));
  EXPECT_THAT(result.err, HasSubstr("Exit request sent."));
}

TEST_P(ManyShortCommands, OneAfterTheOther) {
  const SharedConnection shared(world(), workspace(), Path("s"));
  for (int i = 0; i < 50; ++i) {
    const Result result = shared.Run(absl::StrCat("echo ", i));
    ASSERT_EQ(result.out, absl::StrCat(i, "\n")) << result.err;
    ASSERT_EQ(result.status, 0);
  }
}

TEST_P(ManyShortCommands, AtOnce) {
  std::vector<std::unique_ptr<Conversation>> commands;
  for (int i = 0; i < 12; ++i) {
    commands.push_back(world().TalkSsh({workspace(), absl::StrCat("echo ", i, "; exit ", i)}));
  }
  for (int i = 0; i < 12; ++i) {
    const Result result = commands[static_cast<size_t>(i)]->WaitToEnd();
    EXPECT_EQ(result.out, absl::StrCat(i, "\n")) << result.err;
    EXPECT_EQ(result.status, i);
  }
}

}  // namespace
}  // namespace homeport::story
