import Testing

@testable import Support

@Suite struct ProcessorQuotaTests {
  private func cores(_ files: [String: String]) throws -> [Double] {
    try SystemTree.with(files) { ProcessorQuota.all(root: $0).map(\.cores) }
  }

  @Test func theSecondVersionOfTheInterface() throws {
    var files = [
      "proc/self/cgroup": "0::/pod/container\n", "proc/self/mountinfo": SystemTree.version2,
      "sys/fs/cgroup/pod/cpu.max": "400000 100000\n",
      "sys/fs/cgroup/pod/container/cpu.max": "max 100000\n",
    ]
    #expect(try cores(files) == [4])
    files["sys/fs/cgroup/pod/container/cpu.max"] = "50000 100000\n"
    #expect(try cores(files) == [4, 0.5])
  }

  @Test func theFirstVersionOfTheInterface() throws {
    let group = "sys/fs/cgroup/cpu,cpuacct/"
    var files = [
      "proc/self/cgroup": "4:cpu,cpuacct:/job\n", "proc/self/mountinfo": SystemTree.version1,
      group + "cpu.cfs_quota_us": "-1\n", group + "cpu.cfs_period_us": "100000\n",
      group + "job/cpu.cfs_quota_us": "250000\n", group + "job/cpu.cfs_period_us": "100000\n",
    ]
    #expect(try cores(files) == [2.5])
    files[group + "job/cpu.cfs_quota_us"] = "-1\n"
    #expect(try cores(files) == [])
  }

  @Test func noneWhereNothingTells() throws { #expect(try cores([:]) == []) }
}
