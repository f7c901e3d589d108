import Collectives
import Datasets
import Support

/// When Linux gives huge pages: `never`, `madvise` or `advise` (where a program asks, as Capstan does), `within_size`, or
/// `always`.
public struct HugePageModes: Codable, Equatable, Sendable {
  /// For memory of a process alone; nil where the kernel has none.
  public var own: String?
  /// For what ranks share, in the file system of Open MPI's shared windows; nil where that is not in memory.
  public var shared: String?

  /// As the system has it now.
  init() {
    own = Self.chosen(SystemFile("/sys/kernel/mm/transparent_hugepage/enabled").lines.first)
    shared = Self.mode(of: SharedNodeMemory.backingDirectory, mounts: SystemFile("/proc/self/mounts").lines)
  }

  /// What is in brackets among the choices of a file of the kernel.
  public static func chosen(_ line: Substring?) -> String? {
    line?.split(separator: " ").first { $0.hasPrefix("[") && $0.hasSuffix("]") }
      .map { String($0.dropFirst().dropLast()) }
  }

  /// The option `huge` of the file system in memory that is mounted there, of the last where there are several.
  static func mode(of directory: String, mounts: [Substring]) -> String? {
    let fields = mounts.map { $0.split(separator: " ") }
    guard let mount = fields.last(where: { $0.count > 3 && $0[1] == directory }), mount[2] == "tmpfs" else {
      return nil
    }
    let option = mount[3].split(separator: ",").first { $0.hasPrefix("huge=") }
    return option.map { String($0.dropFirst("huge=".count)) } ?? "never"
  }
}
