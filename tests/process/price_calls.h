// The way to a topupd whose prices are changed, and what both who quote and who change need.
#ifndef TOPUP_TESTS_PROCESS_PRICE_CALLS_H_
#define TOPUP_TESTS_PROCESS_PRICE_CALLS_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "server/base/clock.h"
#include "topup/admin/v1/admin_service.grpc.pb.h"
#include "topup/v1/topup_service.grpc.pb.h"

namespace topup::process {

// Thread-safe. Ends with the process that it leads to.
class PriceCalls {
 public:
  PriceCalls(const std::string& address, std::string token, const base::Clock& clock);

  // A context with the credentials and a limit of time.
  std::unique_ptr<grpc::ClientContext> MakeContext() const;
  v1::TopupService::Stub& shop(size_t user) const { return *shops_[user % shops_.size()]; }
  admin::v1::AdminService::Stub& admin() const { return *admin_; }

 private:
  const std::string token_;
  const base::Clock& clock_;
  std::vector<std::unique_ptr<v1::TopupService::Stub>> shops_;
  std::unique_ptr<admin::v1::AdminService::Stub> admin_;
};

// Code, reason and message, for people.
std::string Describe(const grpc::Status& status);
// The reason of docs/errors.md; empty where there is none.
std::string ReasonOf(const grpc::Status& status);

}  // namespace topup::process

#endif  // TOPUP_TESTS_PROCESS_PRICE_CALLS_H_
