// Sessions as people read them.
//
// Threads: any.
#ifndef HOMEPORT_CLI_SESSION_TEXT_H_
#define HOMEPORT_CLI_SESSION_TEXT_H_

#include <string>
#include <vector>

#include "cli/table.h"
#include "proto/homeport/v1/live_session.pb.h"

namespace homeport {

Table SessionTable(const std::vector<v1::Session>& sessions);

// One line for an event, without a line break; "" for one that people need not see.
std::string EventText(const v1::SessionEvent& event);

// "1.2 MiB".
std::string BytesText(int64_t bytes);

}  // namespace homeport

#endif  // HOMEPORT_CLI_SESSION_TEXT_H_
