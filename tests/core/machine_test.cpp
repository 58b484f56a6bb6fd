// Limits of containers, read from made-up control-group trees of both versions.
#include "core/parallel/machine.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/core/check.h"

namespace {

// A temporary folder with a membership file and files of limits, removed at the end of the test.
class ControlGroups {
 public:
  explicit ControlGroups(const std::string& membership) {
    std::string pattern = (std::filesystem::temp_directory_path() / "lampas_control_groups_XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    paths = {(folder_ / "membership").string(), (folder_ / "hierarchy").string()};
    std::ofstream(paths.membership) << membership;
  }
  ~ControlGroups() { std::filesystem::remove_all(folder_); }

  void write(const std::string& file, const std::string& text) const {
    const std::filesystem::path path = std::filesystem::path(paths.hierarchy) / file;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }

  lampas::ControlGroupPaths paths;

 private:
  std::filesystem::path folder_;
};

}  // namespace

TEST(machine_reads_version_two_limits_of_every_enclosing_group) {
  const ControlGroups groups("0::/outer/inner\n");
  groups.write("outer/inner/cpu.max", "max 100000\n");
  groups.write("outer/cpu.max", "250000 100000\n");
  groups.write("outer/inner/memory.max", "1073741824\n");
  groups.write("outer/memory.max", "max\n");
  CHECK_EQUAL(lampas::processor_quota(groups.paths), 3);
  CHECK_EQUAL(lampas::memory_limit(groups.paths), uint64_t(1) << 30);
  CHECK(lampas::available_processors(groups.paths) <= 3);
  CHECK(lampas::available_memory(groups.paths) <= uint64_t(1) << 30);
}

TEST(machine_reads_version_one_limits_where_the_group_is_mounted_as_the_root) {
  const ControlGroups groups("4:cpu,cpuacct:/docker/abc\n3:memory:/docker/abc\n1:name=systemd:/docker/abc\n");
  groups.write("cpu,cpuacct/cpu.cfs_quota_us", "50000\n");
  groups.write("cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  groups.write("memory/memory.limit_in_bytes", "536870912\n");
  CHECK_EQUAL(lampas::processor_quota(groups.paths), 1);
  CHECK_EQUAL(lampas::memory_limit(groups.paths), uint64_t(1) << 29);
}

TEST(machine_finds_no_limit_where_none_is_set) {
  const ControlGroups unlimited("4:cpu,cpuacct:/\n0::/\n");
  unlimited.write("cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  unlimited.write("cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  CHECK_EQUAL(lampas::processor_quota(unlimited.paths), 0);
  CHECK_EQUAL(lampas::memory_limit(unlimited.paths), UINT64_MAX);
  const lampas::ControlGroupPaths missing{"/nonexistent/membership", "/nonexistent"};
  CHECK_EQUAL(lampas::processor_quota(missing), 0);
  CHECK(lampas::available_processors(missing) >= 1);
  CHECK(lampas::available_memory(missing) >= uint64_t(64) << 20);
  for (const char* text : {"garbage", "::", "0:", "0::relative", "\n\n"}) {
    CHECK_EQUAL(lampas::processor_quota(ControlGroups(text).paths), 0);
  }
}
