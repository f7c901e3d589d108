import Foundation

/// The memory that a process can still take: what the machine has available, or less where control groups, those of
/// containers and batch systems, limit it (Linux's `Documentation/admin-guide/cgroup-v2.rst` and `cgroup-v1/memory.rst`).
struct AvailableMemory {
  /// Where the file systems of the kernel are mounted; another folder in tests.
  private let root: String

  init(root: String = "") { self.root = root }

  /// nil where nothing tells.
  var bytes: Int? {
    let machine = SystemFile(root + "/proc/meminfo").bytes(of: "MemAvailable")
    return (groups.compactMap(available) + [machine].compactMap { $0 }).min()
  }

  /// The names of a group's files in one of the two versions of the interface.
  private struct Files {
    let limit: String
    let usage: String
    /// The key in `memory.stat` of cached file pages that the kernel takes back first.
    let reclaimable: String

    static let version1 = Files(
      limit: "memory.limit_in_bytes", usage: "memory.usage_in_bytes", reclaimable: "total_inactive_file")
    static let version2 = Files(limit: "memory.max", usage: "memory.current", reclaimable: "inactive_file")
  }

  /// The folders of this process's group and of those that it stands in, whose limits hold too.
  private var groups: [(folder: String, files: Files)] {
    text("/proc/self/cgroup").split(separator: "\n").flatMap { line -> [(String, Files)] in
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { return [] }
      let controllers = parts[1].split(separator: ",")
      guard controllers.isEmpty || controllers.contains("memory") else { return [] }
      let mount = "/sys/fs/cgroup" + (controllers.isEmpty ? "" : "/memory")
      let names = parts[2].split(separator: "/")
      return (0...names.count).map { depth in
        (
          ([Substring(mount)] + names.prefix(depth)).joined(separator: "/"),
          controllers.isEmpty ? .version2 : .version1
        )
      }
    }
  }

  private func available(_ group: (folder: String, files: Files)) -> Int? {
    func number(_ file: String) -> Int? {
      Int(text(group.folder + "/" + file).trimmingCharacters(in: .whitespacesAndNewlines))
    }
    // A limit that is none is the word “max” or a number beyond all memory.
    guard let limit = number(group.files.limit), let usage = number(group.files.usage) else { return nil }
    let cached = text(group.folder + "/memory.stat").split(separator: "\n").compactMap { line -> Int? in
      let words = line.split(separator: " ")
      return words.count == 2 && words[0] == group.files.reclaimable ? Int(words[1]) : nil
    }
    return max(0, limit - usage + (cached.first ?? 0))
  }

  private func text(_ path: String) -> String {
    (try? String(contentsOfFile: root + path, encoding: .utf8)) ?? ""
  }
}
