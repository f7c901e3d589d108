import Foundation

/// One of the control groups that this process stands in: containers and batch systems limit by them what a process may
/// take (Linux's `Documentation/admin-guide/cgroup-v2.rst` and `cgroup-v1/`).
struct ControlGroup {
  /// What limits are asked for: memory, or processor time.
  enum Controller: String {
    case memory, cpu
  }

  /// Of the interface: both may be mounted, each with other controllers.
  enum Version {
    case version1, version2
  }

  let folder: String
  let version: Version

  /// The group of this process and those around it, whose limits hold too; none where nothing tells.
  /// - Parameter root: where the file systems of the kernel are; another folder in tests.
  static func all(of controller: Controller, root: String = "") -> [ControlGroup] {
    let mounts = SystemFile(root + "/proc/self/mountinfo").lines.compactMap(Mount.init)
    return SystemFile(root + "/proc/self/cgroup").lines.flatMap { line -> [ControlGroup] in
      // hierarchy:controllers:path, without controllers in version 2.
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 3 else { return [] }
      let version = parts[1].isEmpty ? Version.version2 : .version1
      guard version == .version2 || parts[1].split(separator: ",").contains(Substring(controller.rawValue)),
        let mount = mounts.first(where: { $0.holds(controller, version) })
      else { return [] }
      return mount.folders(ofGroup: parts[2]).map { ControlGroup(folder: root + $0, version: version) }
    }
  }

  func text(_ file: String) -> String? {
    (try? String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8))?
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  func number(_ file: String) -> Int? { text(file).flatMap { Int($0) } }

  /// Tells groups of one machine apart, also those that containers see by the same path; nil where it is not there.
  var identity: UInt64? {
    (try? FileManager.default.attributesOfItem(atPath: folder)[.systemFileNumber] as? NSNumber)?.uint64Value
  }
}

/// A line of `/proc/self/mountinfo` about control groups (`proc_pid_mountinfo(5)`).
private struct Mount {
  /// The group that stands at the mount point: a container sees its own there.
  let group: String
  let point: String
  let options: Substring
  let version: ControlGroup.Version

  init?(_ line: Substring) {
    let halves = line.split(separator: " - ", maxSplits: 1)
    guard halves.count == 2 else { return nil }
    let (fields, kind) = (halves[0].split(separator: " "), halves[1].split(separator: " "))
    guard fields.count > 4, kind.count == 3, kind[0] == "cgroup" || kind[0] == "cgroup2" else { return nil }
    (group, point, options) = (String(fields[3]), String(fields[4]), kind[2])
    version = kind[0] == "cgroup2" ? .version2 : .version1
  }

  func holds(_ controller: ControlGroup.Controller, _ version: ControlGroup.Version) -> Bool {
    self.version == version
      && (version == .version2 || options.split(separator: ",").contains(Substring(controller.rawValue)))
  }

  /// The folders of a group and of those around it, as far as they can be seen from here.
  func folders(ofGroup path: String) -> [String] {
    let (outer, whole) = (group.split(separator: "/"), path.split(separator: "/"))
    // A path that does not begin with the group is told from elsewhere; what is seen then is the mount point alone.
    let names = whole.starts(with: outer) ? whole.dropFirst(outer.count) : []
    return (0...names.count).map { depth in ([point[...]] + names.prefix(depth)).joined(separator: "/") }
  }
}
