import Testing

@testable import Support

@Suite struct AvailableMemoryTests {
  private func bytes(_ files: [String: String]) throws -> Int? {
    try SystemTree.with(files) { AvailableMemory(root: $0).bytes }
  }

  @Test func theMachinesWhereNothingLimits() throws {
    #expect(try bytes(["proc/meminfo": "MemTotal: 9 kB\nMemAvailable: 5 kB\n"]) == 5120)
    #expect(try bytes([:]) == nil)
  }

  @Test func aGroupsAndThoseAroundIt() throws {
    var files = [
      "proc/meminfo": "MemAvailable: 1000 kB\n", "proc/self/cgroup": "0::/batch/job\n",
      "proc/self/mountinfo": SystemTree.version2,
      "sys/fs/cgroup/batch/job/memory.max": "max\n", "sys/fs/cgroup/batch/job/memory.current": "7\n",
      "sys/fs/cgroup/batch/memory.max": "9000\n", "sys/fs/cgroup/batch/memory.current": "5000\n",
      "sys/fs/cgroup/batch/memory.stat": "anon 4\ninactive_file 300\n",
    ]
    #expect(try bytes(files) == 4300)
    files["sys/fs/cgroup/batch/job/memory.max"] = "107\n"
    #expect(try bytes(files) == 100)
  }

  @Test func theFirstVersionOfTheInterface() throws {
    let group = "sys/fs/cgroup/memory/job/"
    let files = [
      "proc/meminfo": "MemAvailable: 1000 kB\n", "proc/self/cgroup": "5:devices:/x\n4:memory:/job\n0::/\n",
      "proc/self/mountinfo": SystemTree.version1,
      group + "memory.limit_in_bytes": "500", group + "memory.usage_in_bytes": "450",
      group + "memory.stat": "inactive_file 1\ntotal_inactive_file 20\n",
    ]
    #expect(try bytes(files) == 70)
  }
}
