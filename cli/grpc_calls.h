// Blocking calls of one gRPC service, as the parts of cli/coordinator.h make them: with deadline,
// token and a sentence for the person when they fail.
//
// Threads: one at a time.
#ifndef HOMEPORT_CLI_GRPC_CALLS_H_
#define HOMEPORT_CLI_GRPC_CALLS_H_

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "cli/coordinator.h"
#include "cli/failure.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/sync_stream.h"
#include "rpc/bearer_token.h"
#include "rpc/status_conversion.h"

namespace homeport {

inline constexpr int kPageSize = 1000;

template <typename Service>
class GrpcCalls {
 public:
  using Stub = typename Service::StubInterface;
  template <typename Request, typename Response>
  using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);

  GrpcCalls(const CoordinatorOptions& options, const std::shared_ptr<grpc::Channel>& channel)
      : token_(options.token),
        target_{options.address, options.ca_file, options.timeout, options.token_refused},
        stub_(Service::NewStub(channel)) {}

  template <typename Request>
  static Request Named(const std::string& name) {
    Request request;
    request.set_name(name);
    return request;
  }

  // Waits for the usual time, or `at_least` for a call that has much to do.
  template <typename Response, typename Request>
  absl::StatusOr<Response> Call(Method<Request, Response> method, const Request& request,
                                absl::Duration at_least = absl::ZeroDuration()) {
    CallTarget target = target_;
    target.timeout = std::max(target.timeout, at_least);
    grpc::ClientContext context;
    PrepareContext(context);
    context.set_deadline(absl::ToChronoTime(absl::Now() + target.timeout));
    Response response;
    const absl::Status status = ToAbslStatus((stub_.get()->*method)(&context, request, &response));
    if (!status.ok()) return ExplainCallFailure(status, target);
    return response;
  }

  // Page by page; `page` says whether to go on.
  template <typename Response, typename Request, typename PageReader>
  absl::Status ReadPages(Method<Request, Response> method, Request request, PageReader reader) {
    if (request.page_size() == 0) request.set_page_size(kPageSize);
    for (;;) {
      absl::StatusOr<Response> page = Call<Response>(method, request);
      if (!page.ok()) return page.status();
      if (!reader(*page) || page->next_page_token().empty()) return absl::OkStatus();
      if (page->next_page_token() == request.page_token()) {
        return absl::InternalError("the coordinator gave the same page of a list twice");
      }
      request.set_page_token(page->next_page_token());
    }
  }

  // `items` names the list in a page.
  template <typename Item, typename Response, typename Request, typename Items>
  absl::StatusOr<std::vector<Item>> ListAll(Method<Request, Response> method, Request request,
                                            Items items) {
    std::vector<Item> all;
    absl::Status status =
        ReadPages<Response>(method, std::move(request), [&all, items](Response& page) {
          for (Item& item : *items(page)) all.push_back(std::move(item));
          return true;
        });
    if (!status.ok()) return status;
    return all;
  }

  // A stream of the coordinator's without a deadline, until `reader` has enough.
  template <typename Event, typename Request, typename Open, typename Reader>
  absl::Status ReadStream(Open open, const Request& request, const Reader& reader) {
    grpc::ClientContext context;
    PrepareContext(context);
    const std::unique_ptr<grpc::ClientReaderInterface<Event>> stream =
        (stub_.get()->*open)(&context, request);
    Event event;
    bool enough = false;
    while (!enough && stream->Read(&event)) enough = !reader(event);
    if (enough) context.TryCancel();
    const absl::Status status = ToAbslStatus(stream->Finish());
    return enough || status.ok() ? absl::OkStatus() : ExplainCallFailure(status, target_);
  }

 private:
  void PrepareContext(grpc::ClientContext& context) const {
    if (!token_.empty()) AddBearerToken(context, token_);
  }

  const std::string token_;
  const CallTarget target_;
  const std::unique_ptr<Stub> stub_;
};

}  // namespace homeport

#endif  // HOMEPORT_CLI_GRPC_CALLS_H_
