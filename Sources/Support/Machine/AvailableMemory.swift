/// The memory that a process can still take: what the machine has available, or less where control groups limit it.
public struct AvailableMemory {
  /// Where the file systems of the kernel are mounted; another folder in tests.
  private let root: String

  public init(root: String = "") { self.root = root }

  /// nil where nothing tells.
  public var bytes: Int? {
    let machine = SystemFile(root + "/proc/meminfo").bytes(of: "MemAvailable")
    let groups = ControlGroup.all(of: .memory, root: root)
    return (groups.compactMap(available) + [machine].compactMap { $0 }).min()
  }

  /// The names of a group's files in one of the two versions of the interface.
  private struct Files {
    let limit: String
    let usage: String
    /// The key in `memory.stat` of cached file pages that the kernel takes back first.
    let reclaimable: String

    init(_ version: ControlGroup.Version) {
      (limit, usage, reclaimable) =
        switch version {
        case .version1: ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        case .version2: ("memory.max", "memory.current", "inactive_file")
        }
    }
  }

  private func available(_ group: ControlGroup) -> Int? {
    let files = Files(group.version)
    // A limit that is none is the word “max” or a number beyond all memory.
    guard let limit = group.number(files.limit), let usage = group.number(files.usage) else { return nil }
    let cached = (group.text("memory.stat") ?? "").split(separator: "\n").compactMap { line -> Int? in
      let words = line.split(separator: " ")
      return words.count == 2 && words[0] == files.reclaimable ? Int(words[1]) : nil
    }
    return max(0, limit - usage + (cached.first ?? 0))
  }
}
