#include "agent/exit_report.h"

#include <signal.h>
#include <sys/wait.h>

#include "agent/signal_name.h"
#include "base/ssh_wire.h"
#include "gtest/gtest.h"

namespace homeport::agent {
namespace {

TEST(ExitReportTest, StatusOfAnExit) {
  const ExitReport report = MakeExitReport(W_EXITCODE(7, 0));
  EXPECT_EQ(report.type, "exit-status");
  EXPECT_EQ(report.payload, std::string("\0\0\0\7", 4));
  EXPECT_EQ(MakeExitReport(W_EXITCODE(255, 0)).payload, std::string("\0\0\0\xff", 4));
}

TEST(ExitReportTest, SignalWithCoreFlagAndWords) {
  for (const bool core : {false, true}) {
    const ExitReport report = MakeExitReport(W_EXITCODE(0, SIGSEGV) | (core ? WCOREFLAG : 0));
    EXPECT_EQ(report.type, "exit-signal");
    WireReader reader(report.payload);
    EXPECT_EQ(reader.String(), "SEGV");
    EXPECT_EQ(reader.Bool(), core);
    EXPECT_EQ(reader.String(), "Segmentation fault");
    EXPECT_EQ(reader.String(), "");
    EXPECT_TRUE(reader.AtEnd());
  }
}

TEST(SignalNameTest, TheRfcsNamesBothWays) {
  for (const char* name : {"ABRT", "ALRM", "FPE", "HUP", "ILL", "INT", "KILL", "PIPE", "QUIT",
                           "SEGV", "TERM", "USR1", "USR2"}) {
    const std::optional<int> number = SignalNumber(name);
    ASSERT_TRUE(number.has_value()) << name;
    EXPECT_EQ(SignalName(*number), name);
  }
  EXPECT_EQ(SignalNumber("HUP"), SIGHUP);
}

TEST(SignalNameTest, OtherSignalsHaveALocalNameAndCannotBeSent) {
  EXPECT_EQ(SignalName(SIGBUS), "BUS@homeport");
  EXPECT_EQ(SignalName(60), "60@homeport");
  for (const char* name : {"", "SIGHUP", "STOP", "hup", "BUS@homeport", "9"}) {
    EXPECT_FALSE(SignalNumber(name).has_value()) << name;
  }
}

}  // namespace
}  // namespace homeport::agent
