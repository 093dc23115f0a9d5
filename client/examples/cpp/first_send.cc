// A first send, and a watch until it is settled, in C++.
//
//   bazel run //client/examples/cpp:first_send -- [SERVER [NUMBER PLAN AMOUNT]]
//
// The client repeats the send under the one ref where an answer is lost, and takes a watch that
// breaks up again where it was: none of that is in this file.
//
// Exit status: 0 delivered; 1 refused or not delivered: give the money back; 3 not known, or
// anything else: ask again under the same ref, and give nothing back yet.
#include <cstdlib>
#include <iostream>
#include <string>

#include "client/channel.h"
#include "client/topup_watch.h"
#include "client/world.h"

namespace client = topup::client;
namespace v1 = topup::v1;

int main(int argc, char** argv) {
  const auto argument = [&](int i, const char* otherwise) {
    return std::string(argc > i ? argv[i] : otherwise);
  };
  const client::World world = client::RealWorld();
  client::Result<client::Connection> connection =
      client::Connect({.server = argument(1, "127.0.0.1:50051")}, {});
  if (!connection.ok()) {
    std::cerr << connection.error().message << '\n';
    return 2;
  }
  client::TopupClient& topups = *connection->topups;

  // 1. Make the ref and keep it, where it survives a crash. Here: on the screen.
  v1::SendTopupRequest request;
  request.set_ref(client::MakeRef(world));
  std::cout << "ref " << request.ref() << std::endl;

  // 2. Send. After a crash, the same request with the same ref gives the same top-up.
  request.set_phone_number(argument(2, "0600000000"));
  request.set_plan_code(argument(3, "PREPAID_MOBILIS"));
  request.set_amount_dzd(std::stoll(argument(4, "500")));
  const client::Result<v1::SendTopupResponse> sent = topups.Send(request);
  if (!sent.ok()) {
    // Only what the server itself refused is known not to be sold: it gives a reason. Otherwise ask
    // later under the same ref. Never send under a new one.
    const client::ClientError& error = sent.error();
    std::cerr << error.reason << ' ' << error.message << '\n';
    return !error.reason.empty() && !error.may_have_happened ? 1 : 3;
  }

  // 3. Watch until it is settled, or the server is gone for some seconds.
  v1::WatchTopupRequest watch;
  watch.set_ref(request.ref());
  const client::Result<v1::Topup> settled =
      client::FollowTopup(topups, watch,
                          [](const v1::Topup& topup) {
                            std::cout << '#' << topup.revision() << ' '
                                      << v1::TopupStatus_Name(topup.status()) << std::endl;
                            return true;
                          },
                          world, {.failures_max = 5});
  if (!settled.ok()) {
    std::cerr << settled.error().message << '\n';
    return 3;
  }
  std::cout << "settled " << v1::TopupStatus_Name(settled->status()) << std::endl;
  return settled->status() == v1::TOPUP_STATUS_FULFILLED ? 0 : 1;
}
