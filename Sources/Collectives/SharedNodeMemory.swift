import Foundation
import Tensors

/// Buffers of which the ranks of a node share one copy, or see each other's, through MPI's shared windows. Where that
/// cannot be, every rank has its own.
///
/// All ranks of a job take the same buffers in the same order. Pages that nobody touches take no memory.
public final class SharedNodeMemory: FlatBufferAllocator {
  /// Nodes that share memory as it turned out when room was reserved.
  public private(set) var grid: NodeTopology
  /// Why ranks of one machine do not share memory, and what to do; nil where they do or cannot.
  public private(set) var warning: String?
  private let communicator: Communicator

  public init(_ communicator: Communicator) {
    self.communicator = communicator
    grid = NodeTopology(leaders: communicator.nodeLeaders)
  }

  /// Whether this rank writes what its node shares at the start.
  public var isLeader: Bool { localRank == 0 }
  private var localRank: Int { grid.localRank(of: communicator.rank) }

  public func reserve(shared: Int, ranked: Int) {
    guard grid.ranksPerNode > 1 else { return }
    // A page beyond what the file system holds would end the process when it is touched.
    let needed = (shared + ranked * grid.ranksPerNode) * MemoryLayout<Float>.stride
    let directory = Self.backingDirectory
    let free = Self.freeBytes(directory)
    guard communicator.anyRank(free < needed) else { return }
    grid = .separate(communicator.size)
    warning =
      "\(directory) has \(free >> 20) MiB free, but ranks need \(needed >> 20) to share weights and gradients; each "
      + "keeps its own copy and they exchange messages, which is slower. Make it larger (in a container, --shm-size)."
  }

  public func sharedBuffer(_ count: Int) -> Matrix {
    let buffer = grid.ranksPerNode > 1 ? buffers(count, here: isLeader)[0] : SystemMemory.buffer(count)
    // With several nodes, each uses only its own pieces of some buffers.
    if grid.nodes == 1 { buffer.requestHugePages() }
    return buffer
  }

  public func perRankBuffers(_ count: Int) -> PerRankBuffers {
    let all = grid.ranksPerNode > 1 ? buffers(count, here: true) : [SystemMemory.buffer(count)]
    for buffer in all { buffer.requestHugePages() }
    return PerRankBuffers(all: all, localRank: grid.ranksPerNode > 1 ? localRank : 0)
  }

  /// A word for every rank of the node that it publishes and the others watch; starts as 0.
  func progressCounters() -> [UnsafeMutablePointer<UInt64>] {
    guard grid.ranksPerNode > 1 else { return [] }
    return communicator.allocateShared(bytes: 64).map { $0.bindMemory(to: UInt64.self, capacity: 1) }
  }

  private func buffers(_ count: Int, here: Bool) -> [Matrix] {
    let bytes = here ? max(1, count) * MemoryLayout<Float>.stride : 0
    return communicator.allocateShared(bytes: bytes).map {
      Matrix(rows: 1, columns: count, at: $0.bindMemory(to: Float.self, capacity: count), of: communicator)
    }
  }

  /// Where Open MPI puts the files of shared windows.
  public static var backingDirectory: String {
    ProcessInfo.processInfo.environment["OMPI_MCA_osc_sm_backing_directory"] ?? "/dev/shm"
  }

  private static func freeBytes(_ directory: String) -> Int {
    var status = statvfs()
    guard statvfs(directory, &status) == 0 else { return 0 }
    return Int(status.f_bavail) * Int(status.f_frsize)
  }
}

extension Matrix {
  fileprivate func requestHugePages() {
    HugePages.request(for: pointer, bytes: count * MemoryLayout<Float>.stride)
  }
}

extension SystemMemory {
  /// A buffer that begins where a huge page does.
  fileprivate static func buffer(_ count: Int) -> Matrix {
    let memory = SystemMemory(bytes: count * MemoryLayout<Float>.stride + HugePages.size)
    let start = memory.start.alignedUp(toMultipleOf: HugePages.size)
    let floats = start.bindMemory(to: Float.self, capacity: count)
    return Matrix(rows: 1, columns: count, at: floats, of: memory)
  }
}
