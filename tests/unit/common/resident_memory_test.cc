#include "common/resident_memory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <string>

#include "fakes/temp_dir.h"

namespace firstbyte {
namespace {

constexpr std::size_t kPage = 4096;

// A page of a file, mapped privately as a library's are.
class MappedPage {
 public:
  explicit MappedPage(char content) {
    const std::string path = dir_.write("page", std::string(kPage, content));
    file_ = std::fopen(path.c_str(), "r");
    page_ = static_cast<char*>(
        mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE, fileno(file_), 0));
  }
  ~MappedPage() {
    munmap(page_, kPage);
    std::fclose(file_);
  }
  MappedPage(const MappedPage&) = delete;
  MappedPage& operator=(const MappedPage&) = delete;

  volatile char* data() const { return page_; }
  void make_read_only() const { mprotect(page_, kPage, PROT_READ); }
  // By the pagemap, whose top bit says that a page is present.
  bool is_resident() const {
    const int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    std::uint64_t entry = 0;
    const auto index = reinterpret_cast<std::uintptr_t>(page_) / kPage;
    EXPECT_EQ(pread(pagemap, &entry, sizeof entry, static_cast<off_t>(index * sizeof entry)),
              sizeof entry);
    close(pagemap);
    return (entry >> 63U) != 0;
  }

 private:
  fakes::TempDir dir_;
  std::FILE* file_ = nullptr;
  char* page_ = nullptr;
};

TEST(ResidentMemory, PagesThatWereOnlyReadAreGivenBack) {
  const MappedPage page('a');
  page.make_read_only();
  EXPECT_EQ(page.data()[7], 'a');
  ASSERT_TRUE(page.is_resident());
  release_startup_memory();
  EXPECT_FALSE(page.is_resident());
  EXPECT_EQ(page.data()[7], 'a');
}

// As a library's relocated tables are: written once, then made read-only.
TEST(ResidentMemory, PagesThatWereWrittenAreKept) {
  const MappedPage page('a');
  page.data()[7] = 'b';
  page.make_read_only();
  release_startup_memory();
  EXPECT_EQ(page.data()[7], 'b');
}

}  // namespace
}  // namespace firstbyte
