// A small gzip body that becomes a large one.
#ifndef TOPUP_SERVER_SANDBOX_HTTP_GZIP_BOMB_H_
#define TOPUP_SERVER_SANDBOX_HTTP_GZIP_BOMB_H_

#include <string>

namespace topup::sandbox {

// What GzipBomb unpacks to: this many zero bytes.
inline constexpr int kGzipBombUnpackedSize = 258 * 65'000;

// About 105 KB, well-formed. Made on the first call; lives for ever. Thread-safe.
const std::string& GzipBomb();

}  // namespace topup::sandbox

#endif  // TOPUP_SERVER_SANDBOX_HTTP_GZIP_BOMB_H_
