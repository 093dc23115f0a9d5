#include "pricing_plugins/checker/edge_text.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <new>

namespace topup::checker {

EdgeText::EdgeText(const std::string& text) {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const size_t readable = (text.size() + page) / page * page;  // room for the NUL
  pages_size_ = readable + page;
  pages_ = mmap(nullptr, pages_size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages_ == MAP_FAILED) throw std::bad_alloc();
  char* const begin = static_cast<char*>(pages_) + readable - text.size() - 1;
  std::memcpy(begin, text.c_str(), text.size() + 1);
  mprotect(pages_, readable, PROT_READ);
  mprotect(static_cast<char*>(pages_) + readable, page, PROT_NONE);
  data_ = begin;
  size_ = text.size();
}

void EdgeText::Forbid() { mprotect(pages_, pages_size_, PROT_NONE); }

EdgeText::~EdgeText() { munmap(pages_, pages_size_); }

}  // namespace topup::checker
