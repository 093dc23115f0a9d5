// FakeTopupService and FakeAdminService on a port, started like topupd: for programs in other
// languages.
//
// Takes any flags and looks at none. Serves until its standard input ends.
#include <iostream>
#include <memory>
#include <string>

#include "tests/client/fake_admin_service.h"
#include "tests/client/fake_topup_service.h"

int main() {
  topup::tests::FakeTopupService service;
  topup::tests::FakeAdminService admin;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  builder.RegisterService(&admin);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  std::cout << "listening on 127.0.0.1:" << port << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
  }
  server->Shutdown(std::chrono::system_clock::now());
}
