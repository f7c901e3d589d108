import Foundation
import Support
import Tensors

/// The threads that this rank should have: the cores that it may run on, divided by the ranks that may run on the same,
/// and no more than the whole cores of its part of a quota. All ranks call this together.
public func threadsPerRank(_ communicator: Communicator) -> Int {
  let limits = CoreLimit.all(
    host: ProcessInfo.processInfo.hostName, affinity: .current, quotas: ProcessorQuota.all())
  let names = communicator.allGather(Array(limits.map(\.name).joined(separator: "\n").utf8)).map {
    Set(String(decoding: $0, as: UTF8.self).split(separator: "\n").map(String.init))
  }
  return CoreLimit.threads(within: limits, named: names)
}

/// What limits the cores of a rank; ranks that name the same share it.
struct CoreLimit: Equatable {
  let name: String
  let cores: Double

  static func all(host: String, affinity: Affinity, quotas: [ProcessorQuota]) -> [CoreLimit] {
    [CoreLimit(name: "\(host) \(affinity.mask)", cores: Double(affinity.cores))]
      + quotas.map { CoreLimit(name: "\(host) quota \($0.group)", cores: $0.cores) }
  }

  /// - Parameter named: by rank, the names of all limits.
  static func threads(within limits: [CoreLimit], named: [Set<String>]) -> Int {
    let parts = limits.map { limit in limit.cores / Double(named.count { $0.contains(limit.name) }) }
    return max(1, Int(parts.min() ?? 1))
  }
}
