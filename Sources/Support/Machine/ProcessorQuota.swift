/// Processor time that a control group may take, whichever cores it runs on: `docker run --cpus` and Kubernetes' limits
/// are such quotas. Threads beyond it are stopped until the next period, all at once.
public struct ProcessorQuota: Codable, Hashable, Sendable {
  /// Tells groups of one machine apart; the processes of one group share its quota.
  public var group: UInt64
  /// In cores: 0.5 is half of one core's time.
  public var cores: Double

  /// Of the group of this process and of those around it, as far as they have one.
  /// - Parameter root: where the file systems of the kernel are; another folder in tests.
  public static func all(root: String = "") -> [ProcessorQuota] {
    ControlGroup.all(of: .cpu, root: root).compactMap { group in
      guard let identity = group.identity, let cores = cores(of: group) else { return nil }
      return ProcessorQuota(group: identity, cores: cores)
    }
  }

  /// nil: without a limit.
  private static func cores(of group: ControlGroup) -> Double? {
    let times: [Int?] =
      switch group.version {
      case .version1: [group.number("cpu.cfs_quota_us"), group.number("cpu.cfs_period_us")]
      case .version2: (group.text("cpu.max") ?? "").split(separator: " ").map { Int($0) }
      }
    // No quota is the word “max”, or −1.
    guard times.count == 2, let quota = times[0], let period = times[1], quota > 0, period > 0 else {
      return nil
    }
    return Double(quota) / Double(period)
  }
}
