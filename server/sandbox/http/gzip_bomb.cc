#include "server/sandbox/http/gzip_bomb.h"

#include <array>
#include <cstdint>

namespace topup::sandbox {
namespace {

// Deflate packs bits from the lowest of each byte upwards.
class BitWriter {
 public:
  explicit BitWriter(std::string& out) : out_(out) {}

  void Bit(int bit) {
    byte_ |= bit << count_;
    if (++count_ == 8) Flush();
  }
  // Huffman codes go out with their highest bit first.
  void Code(uint32_t code, int length) {
    for (int i = length - 1; i >= 0; --i) Bit(static_cast<int>((code >> i) & 1));
  }
  void Flush() {
    if (count_ == 0) return;
    out_ += static_cast<char>(byte_);
    byte_ = count_ = 0;
  }

 private:
  std::string& out_;
  int byte_ = 0;
  int count_ = 0;
};

uint32_t Crc32OfZeros(int size) {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ (value & 1 ? 0xedb88320u : 0);
    table[i] = value;
  }
  uint32_t crc = 0xffffffffu;
  for (int i = 0; i < size; ++i) crc = table[crc & 0xff] ^ (crc >> 8);
  return ~crc;
}

void AppendLittleEndian(uint32_t value, std::string& out) {
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(value >> shift);
}

std::string MakeBomb() {
  std::string out("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", 10);
  BitWriter bits(out);
  bits.Bit(1);  // the last block,
  bits.Bit(1);  // with the fixed codes (01, lowest bit first)
  bits.Bit(0);
  bits.Code(0x30, 8);  // the literal 0
  // Then "258 bytes from one byte back": length code 285 without extra bits, distance code 0.
  // One copy is a byte shorter (length code 284, extra bits 30), to end on a round size.
  for (int i = 0; i < kGzipBombUnpackedSize / 258 - 1; ++i) {
    bits.Code(0xc5, 8);
    bits.Code(0, 5);
  }
  bits.Code(0xc4, 8);
  for (int bit = 0; bit < 5; ++bit) bits.Bit((30 >> bit) & 1);
  bits.Code(0, 5);
  bits.Code(0, 7);  // end of block
  bits.Flush();
  AppendLittleEndian(Crc32OfZeros(kGzipBombUnpackedSize), out);
  AppendLittleEndian(kGzipBombUnpackedSize, out);
  return out;
}

}  // namespace

const std::string& GzipBomb() {
  static const auto* const bomb = new std::string(MakeBomb());
  return *bomb;
}

}  // namespace topup::sandbox
