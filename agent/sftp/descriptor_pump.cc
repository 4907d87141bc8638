#include "agent/sftp/descriptor_pump.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"

namespace homeport::agent::sftp {
namespace {

bool IsForLater(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

absl::Status DescriptorPump::Run() {
  while (!reader_gone_ && (!input_ended_ || !output_.empty())) {
    absl::Status status = Await();
    if (status.ok()) status = ServeAll();
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// Serves what has been read, as far as the replies are taken.
absl::Status DescriptorPump::ServeAll() {
  bool again = true;
  while (again) {
    const absl::Status served = server_.Serve(input_);
    again = server_.waits_for_output();
    // What was asked before a mistake is answered; answers that cannot be taken at once are lost.
    const absl::Status written = WriteOutput();
    if (!served.ok()) return served;
    if (!written.ok()) return written;
    again = again && !server_.waits_for_output();
  }
  return absl::OkStatus();
}

// Waits until something can be done, and reads what there is to read.
absl::Status DescriptorPump::Await() {
  // Requests that wait for room in the output come before new ones.
  const bool reads = !input_ended_ && input_.room() > 0 && !server_.waits_for_output();
  pollfd wait[2] = {{reads ? in_ : -1, POLLIN, 0}, {output_.empty() ? -1 : out_, POLLOUT, 0}};
  if (poll(wait, 2, -1) < 0) {
    return errno == EINTR ? absl::OkStatus() : ErrnoStatus(errno, "cannot wait for requests");
  }
  if ((wait[1].revents & POLLOUT) != 0) {
    if (absl::Status status = WriteOutput(); !status.ok()) return status;
  } else if ((wait[1].revents & (POLLERR | POLLHUP)) != 0) {
    reader_gone_ = true;
  }
  return wait[0].revents != 0 ? ReadInput() : absl::OkStatus();
}

absl::Status DescriptorPump::ReadInput() {
  const size_t room = input_.room();
  char* space = input_.Reserve(room);
  const ssize_t size = read(in_, space, room);
  if (size > 0) {
    input_.Commit(static_cast<size_t>(size));
  } else if (size == 0) {
    input_ended_ = true;
  } else if (errno == ECONNRESET) {
    reader_gone_ = true;  // and left replies unread
  } else if (!IsForLater(errno)) {
    return ErrnoStatus(errno, "cannot read requests");
  }
  return absl::OkStatus();
}

absl::Status DescriptorPump::WriteOutput() {
  while (!output_.empty() && !reader_gone_) {
    const ssize_t size = write(out_, output_.bytes().data(), output_.size());
    if (size >= 0) {
      output_.Consume(static_cast<size_t>(size));
    } else if (errno == EPIPE || errno == ECONNRESET) {
      reader_gone_ = true;
    } else if (IsForLater(errno)) {
      return absl::OkStatus();
    } else {
      return ErrnoStatus(errno, "cannot write replies");
    }
  }
  return absl::OkStatus();
}

}  // namespace homeport::agent::sftp
