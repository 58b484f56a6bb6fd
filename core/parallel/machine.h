// What this process may use of the machine: processors and memory, by affinity and container limits.
#pragma once
#include <cstdint>
#include <string>

namespace lampas {

// Where the kernel describes the process's control groups; tests point these at a made-up tree.
struct ControlGroupPaths {
  std::string membership = "/proc/self/cgroup";
  std::string hierarchy = "/sys/fs/cgroup";
};

// Processors the scheduler may give us, cut by the container's quota (rounded up); at least 1.
int available_processors(const ControlGroupPaths& paths = {});

// The container's processor quota rounded up to whole processors, or 0 when there is none.
int processor_quota(const ControlGroupPaths& paths);

// Bytes of memory the process may use: physical memory, cut by the container's limit.
uint64_t available_memory(const ControlGroupPaths& paths = {});

// The container's memory limit in bytes, or UINT64_MAX when there is none.
uint64_t memory_limit(const ControlGroupPaths& paths);

}  // namespace lampas
