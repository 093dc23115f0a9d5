#include "client/cli/session.h"

#include "client/cli/display_width.h"
#include "client/cli/json_text.h"

namespace topup::cli {

void Session::Report(const client::ClientError& error) const {
  err << style.Paint(Colour::kRed, "topup: ") << ErrorLine(error, server) << std::endl;
  for (const std::string& line : ProblemLines(error)) err << "  " << line << std::endl;
  if (json) out << ErrorJson(error) << std::endl;
}

void Session::PrintJson(const google::protobuf::Message& message) const {
  // Flushed: a script that reads a watch through a pipe gets each line when it happens.
  out << JsonLine(message) << std::endl;
}

ExitStatus Session::FailRead(const client::ClientError& error) const {
  Report(error);
  return ExitStatusOfRead(error);
}

ExitStatus Session::FailUsage(const std::string& problem) const {
  err << style.Paint(Colour::kRed, "topup: ") << Printable(problem) << std::endl;
  return kUsage;
}

}  // namespace topup::cli
