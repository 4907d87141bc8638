#include "agent/x11_forward.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "agent/loopback_listeners.h"
#include "agent/xauthority_process.h"

namespace homeport::agent {
namespace {

constexpr int kFirstDisplay = 10;  // lower ones are for real servers
constexpr int kDisplays = 1000;    // how many to try
constexpr int kFirstPort = 6000;

// What can be given to xauth and a shell's script without a second thought.
bool IsPlain(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           absl::string_view(".:/-_").find(c) != absl::string_view::npos;
  });
}

}  // namespace

absl::StatusOr<X11Request> ParseX11Request(WireReader payload) {
  X11Request request;
  request.single_connection = payload.Bool();
  request.protocol = std::string(payload.String());
  request.cookie = std::string(payload.String());
  request.screen = payload.Uint32();
  if (!payload.AtEnd()) return absl::InvalidArgumentError("x11-req has the wrong length");
  if (!IsPlain(request.protocol) || !IsPlain(request.cookie)) {
    return absl::InvalidArgumentError("protocol or cookie of x11-req hold what xauth cannot take");
  }
  return request;
}

absl::StatusOr<std::unique_ptr<X11Forward>> X11Forward::Create(EventLoop& loop,
                                                               ssh::ConnectionServer& server,
                                                               X11Request request) {
  absl::StatusOr<LoopbackListeners> listeners;
  int display = kFirstDisplay;
  for (; display < kFirstDisplay + kDisplays; ++display) {
    listeners =
        ListenOnLoopback(LoopbackFamilies::kBoth, kFirstPort + display, /*all_or_none=*/true);
    if (listeners.ok()) break;
  }
  if (!listeners.ok()) return absl::ResourceExhaustedError("no X11 display is free");
  auto made = std::unique_ptr<X11Forward>(new X11Forward(std::move(request), display));
  made->sockets_ = std::move(listeners->sockets);
  std::function<void()> on_accepted;
  if (made->request_.single_connection) {
    on_accepted = [raw = made.get()] {
      for (const auto& acceptor : raw->acceptors_) acceptor->Stop();
      for (UniqueFd& socket : raw->sockets_) socket.Reset();
    };
  }
  for (const UniqueFd& socket : made->sockets_) {
    made->acceptors_.push_back(std::make_unique<ChannelAcceptor>(loop, server, socket.get(), "x11",
                                                                 OriginatorFields, on_accepted));
  }
  return made;
}

X11Forward::X11Forward(X11Request request, int display)
    : request_(std::move(request)), display_(display) {}

std::string X11Forward::display() const {
  return absl::StrCat("localhost:", display_, ".", request_.screen);
}

std::string X11Forward::xauth_commands() const {
  const std::string name = absl::StrCat("unix:", display_, ".", request_.screen);
  return absl::StrCat("remove ", name, "\nadd ", name, " ", request_.protocol, " ", request_.cookie,
                      "\n");
}

std::string X11Forward::xauthority_input() const {
  return XauthorityInput(display_, request_.protocol, request_.cookie);
}

std::string X11Forward::rc_input() const {
  return absl::StrCat(request_.protocol, " ", request_.cookie, "\n");
}

}  // namespace homeport::agent
