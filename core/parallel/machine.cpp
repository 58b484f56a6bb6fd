// Reads processor affinity, physical memory, and the limits of control groups (versions 1 and 2).
#include "core/parallel/machine.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <vector>

namespace lampas {
namespace {

// The whole of a small file under /proc or /sys; empty when it cannot be read.
std::string read_small_file(const std::string& path) {
  std::string text;
  if (std::FILE* file = std::fopen(path.c_str(), "r")) {
    char block[4096];
    size_t count;
    while ((count = std::fread(block, 1, sizeof block, file)) > 0) text.append(block, count);
    std::fclose(file);
  }
  return text;
}

// True when `name` is one of the comma-separated `controllers`.
bool lists_controller(const std::string& controllers, const std::string& name) {
  return ("," + controllers + ",").find("," + name + ",") != std::string::npos;
}

// The directories that hold limits for this process, innermost first, for a version 1 `controller`
// or for version 2 (empty `controller`). A limit of any enclosing group binds too.
std::vector<std::string> limit_directories(const ControlGroupPaths& paths, const std::string& controller) {
  const std::string membership = read_small_file(paths.membership);
  std::vector<std::string> directories;
  for (size_t line_begin = 0; line_begin < membership.size();) {
    size_t line_end = membership.find('\n', line_begin);
    if (line_end == std::string::npos) line_end = membership.size();
    const std::string line = membership.substr(line_begin, line_end - line_begin);
    line_begin = line_end + 1;
    // Each line is "number:controllers:path"; version 2 has number 0 and no controllers.
    const size_t first_colon = line.find(':');
    const size_t second_colon = line.find(':', first_colon + 1);
    if (first_colon == std::string::npos || second_colon == std::string::npos) continue;
    const std::string controllers = line.substr(first_colon + 1, second_colon - first_colon - 1);
    std::string group = line.substr(second_colon + 1);
    if (controller.empty() ? !controllers.empty() : !lists_controller(controllers, controller)) continue;
    const std::string mount = controller.empty() ? paths.hierarchy : paths.hierarchy + "/" + controllers;
    while (group.size() > 1 && group[0] == '/') {
      directories.push_back(mount + group);
      group.erase(group.rfind('/'));
    }
    // Inside a container the path may name a group of the host: the mount itself is then ours.
    directories.push_back(mount);
  }
  return directories;
}

uint64_t physical_memory() {
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page_size = sysconf(_SC_PAGE_SIZE);
  if (pages <= 0 || page_size <= 0) return UINT64_MAX;
  return uint64_t(pages) * uint64_t(page_size);
}

int processors_by_affinity() {
  // The kernel refuses a mask smaller than its own: grow it until it fits.
  for (int capacity = 1024; capacity <= 1024 * 1024; capacity *= 4) {
    cpu_set_t* mask = CPU_ALLOC(capacity);
    if (!mask) break;
    const size_t size = CPU_ALLOC_SIZE(capacity);
    CPU_ZERO_S(size, mask);
    const bool known = sched_getaffinity(0, size, mask) == 0;
    const int count = known ? CPU_COUNT_S(size, mask) : 0;
    CPU_FREE(mask);
    if (count > 0) return count;
  }
  return std::max(1, int(sysconf(_SC_NPROCESSORS_ONLN)));
}

int whole_processors(long long quota, long long period) {
  if (quota <= 0 || period <= 0) return 0;
  return int(std::min<long long>((quota + period - 1) / period, 1 << 20));
}

int smaller_limit(int limit, int candidate) {
  if (candidate == 0) return limit;
  return limit == 0 ? candidate : std::min(limit, candidate);
}

}  // namespace

int processor_quota(const ControlGroupPaths& paths) {
  int limit = 0;
  for (const std::string& directory : limit_directories(paths, "")) {
    // "max 100000" or "150000 100000": microseconds allowed in each period.
    long long quota = 0, period = 0;
    if (std::sscanf(read_small_file(directory + "/cpu.max").c_str(), "%lld %lld", &quota, &period) == 2)
      limit = smaller_limit(limit, whole_processors(quota, period));
  }
  for (const std::string& directory : limit_directories(paths, "cpu")) {
    const std::string quota = read_small_file(directory + "/cpu.cfs_quota_us");
    const std::string period = read_small_file(directory + "/cpu.cfs_period_us");
    limit = smaller_limit(limit, whole_processors(std::atoll(quota.c_str()), std::atoll(period.c_str())));
  }
  return limit;
}

int available_processors(const ControlGroupPaths& paths) {
  const int allowed = processors_by_affinity();
  const int quota = processor_quota(paths);
  return quota == 0 ? allowed : std::min(allowed, quota);
}

uint64_t memory_limit(const ControlGroupPaths& paths) {
  uint64_t limit = UINT64_MAX;
  const auto apply = [&limit](const std::string& text) {
    unsigned long long bytes = 0;  // "max" does not parse: no limit.
    if (std::sscanf(text.c_str(), "%llu", &bytes) == 1 && bytes > 0) limit = std::min<uint64_t>(limit, bytes);
  };
  for (const std::string& directory : limit_directories(paths, ""))
    apply(read_small_file(directory + "/memory.max"));
  for (const std::string& directory : limit_directories(paths, "memory"))
    apply(read_small_file(directory + "/memory.limit_in_bytes"));
  return limit;
}

uint64_t available_memory(const ControlGroupPaths& paths) {
  return std::min(physical_memory(), memory_limit(paths));
}

}  // namespace lampas
