import Collectives
import Foundation
import Tensors

/// The threads that this rank should have: the cores it may run on, divided by the ranks that may run on the same.
public func threadsPerRank(_ communicator: Communicator) -> Int {
  let affinity = Affinity.current
  let place = Array("\(ProcessInfo.processInfo.hostName) \(affinity.mask)".utf8)
  let sharers = communicator.allGather(place).count { $0 == place }
  return max(1, affinity.cores / sharers)
}
