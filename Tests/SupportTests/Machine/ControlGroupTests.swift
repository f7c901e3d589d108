import Testing

@testable import Support

@Suite struct ControlGroupTests {
  /// Paths below the root.
  private func folders(
    _ controller: ControlGroup.Controller, group: String, mounts: String
  ) throws -> [String] {
    try SystemTree.with(["proc/self/cgroup": group, "proc/self/mountinfo": mounts]) { root in
      ControlGroup.all(of: controller, root: root).map { String($0.folder.dropFirst(root.count)) }
    }
  }

  @Test func theGroupAndThoseAroundIt() throws {
    let found = try folders(.cpu, group: "0::/batch/job\n", mounts: SystemTree.version2)
    #expect(found == ["/sys/fs/cgroup", "/sys/fs/cgroup/batch", "/sys/fs/cgroup/batch/job"])
  }

  @Test func ofEachControllerItsOwn() throws {
    let group = "5:devices:/x\n4:cpu,cpuacct:/job\n3:memory:/\n0::/\n"
    let unified = "/sys/fs/cgroup/unified"
    #expect(
      try folders(.cpu, group: group, mounts: SystemTree.version1)
        == ["/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct/job", unified])
    #expect(
      try folders(.memory, group: group, mounts: SystemTree.version1) == ["/sys/fs/cgroup/memory", unified])
  }

  /// What a container sees without a namespace of its own: its group stands at the mount point.
  @Test func inAContainer() throws {
    let mounts = "32 23 0:29 /docker/a1 /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n"
    #expect(try folders(.cpu, group: "4:cpu:/docker/a1\n", mounts: mounts) == ["/sys/fs/cgroup/cpu"])
    #expect(
      try folders(.cpu, group: "4:cpu:/docker/a1/inner\n", mounts: mounts)
        == ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu/inner"])
    #expect(try folders(.cpu, group: "4:cpu:/elsewhere\n", mounts: mounts) == ["/sys/fs/cgroup/cpu"])
  }

  @Test func noneWhereNothingTells() throws {
    #expect(try folders(.cpu, group: "", mounts: SystemTree.version2) == [])
    #expect(try folders(.cpu, group: "0::/\n", mounts: "") == [])
  }
}
