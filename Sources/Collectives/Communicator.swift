import CMPI
import Essentials
import Foundation

/// The ranks of this job. A process that was not launched by MPI is a group of one, for which every operation here
/// is a no-op, so that callers have no branches.
///
/// MPI is called from the one thread that made the communicator.
public final class Communicator {
  public let rank: Int
  public let size: Int
  /// The world rank of the first rank of this node, for every rank.
  let nodeLeaders: [Int]
  private let world: MPI_Comm?
  private let node: MPI_Comm?
  private var windows: [MPI_Win?] = []

  /// The world of ranks that `mpirun` or `srun` made; a group of one where neither did.
  ///
  /// `CAPSTAN_RANKS_PER_NODE` in the environment makes nodes of that many ranks out of one machine, for tests.
  /// - Throws: `Failure.usage` when Slurm started several tasks that do not see each other, and when
  ///   `CAPSTAN_RANKS_PER_NODE` is no positive number.
  public static func world() throws -> Communicator {
    let environment = ProcessInfo.processInfo.environment
    let signs = ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"]
    let wanted = environment["CAPSTAN_RANKS_PER_NODE"]
    let ranksPerNode = wanted.flatMap { Int32($0) }
    guard wanted == nil || ranksPerNode ?? 0 > 0 else {
      throw Failure.usage(
        "CAPSTAN_RANKS_PER_NODE is “\(wanted ?? "")”, but must be a positive number; correct or unset it.")
    }
    let isLaunched = signs.contains { environment[$0] != nil }
    let communicator = isLaunched ? Communicator(ranksPerNode: ranksPerNode) : Communicator.alone
    // A job step that srun made, not the batch script itself, in which SLURM_NTASKS is set too.
    if communicator.size == 1, environment["SLURM_STEP_ID"].flatMap(UInt32.init) ?? .max < 0xffff_fff0,
      let tasks = environment["SLURM_STEP_NUM_TASKS"].flatMap(Int.init), tasks > 1
    {
      throw Failure.usage(
        "Slurm started \(tasks) tasks, but each sees a world of one rank: launch with `srun --mpi=pmix` or with "
          + "`mpirun` inside the allocation.")
    }
    return communicator
  }

  /// A group of one, without MPI.
  public static var alone: Communicator { Communicator() }

  private init() {
    (rank, size, nodeLeaders) = (0, 1, [0])
    (world, node) = (nil, nil)
  }

  private init(ranksPerNode: Int32?) {
    var provided: Int32 = 0
    MPI_Init_thread(nil, nil, Int32(MPI_THREAD_FUNNELED), &provided)
    let world = capstan_mpi_world()
    var (rank, size): (Int32, Int32) = (0, 1)
    MPI_Comm_rank(world, &rank)
    MPI_Comm_size(world, &size)
    var node: MPI_Comm?
    capstan_mpi_split_by_memory(world, rank, &node)
    if let ranksPerNode, let machine = node {
      var place: Int32 = 0
      MPI_Comm_rank(machine, &place)
      MPI_Comm_split(machine, place / ranksPerNode, rank, &node)
    }
    var leader = rank
    MPI_Bcast(&leader, 1, capstan_mpi_int(), 0, node)
    var leaders = [Int32](repeating: 0, count: Int(size))
    MPI_Allgather(&leader, 1, capstan_mpi_int(), &leaders, 1, capstan_mpi_int(), world)
    self.rank = Int(rank)
    self.size = Int(size)
    self.world = world
    self.node = node
    nodeLeaders = leaders.map(Int.init)
  }

  public var isRoot: Bool { rank == 0 }

  /// The library's own description of itself.
  public static var libraryVersion: String {
    var text = [CChar](repeating: 0, count: Int(MPI_MAX_LIBRARY_VERSION_STRING))
    var length: Int32 = 0
    MPI_Get_library_version(&text, &length)
    return String(decoding: text.prefix(Int(length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
      .components(separatedBy: ",")[0]
  }

  /// Ends MPI, when all ranks have come here. Memory that was shared is no more.
  public func finalize() {
    guard world != nil else { return }
    for index in windows.indices { MPI_Win_free(&windows[index]) }
    windows = []
    MPI_Finalize()
  }

  /// Ends all ranks at once: for a fault that the others cannot know of.
  public func abort(exitCode: Int32) -> Never {
    if size > 1, let world { MPI_Abort(world, exitCode) }
    exit(exitCode)
  }

  public func barrier() {
    if let world { MPI_Barrier(world) }
  }

  /// Returns when all ranks of this node have come here, each seeing what the others have written to shared memory.
  func nodeBarrier() {
    if let node { MPI_Barrier(node) }
  }

  /// Shares memory within the node until ``finalize()``; to be called by all of its ranks.
  /// - Parameter bytes: of this rank, which may be none.
  /// - Returns: where each rank's part is, 64-byte aligned. It is zero as the system gives it, and takes no memory
  ///   before it is touched: MPI does not promise that, but the files that MPI libraries map for it are new.
  func shareMemory(bytes: Int) -> [UnsafeMutableRawPointer] {
    guard let node else { return [] }
    let alignment = 64
    var (window, base): (MPI_Win?, UnsafeMutableRawPointer?)
    let size = bytes == 0 ? 0 : bytes + alignment
    MPI_Win_allocate_shared(size, 1, capstan_mpi_no_info(), node, &base, &window)
    windows.append(window)
    return nodeLeaders.indices.filter { nodeLeaders[$0] == nodeLeaders[rank] }.indices.compactMap { place in
      var (size, unit): (MPI_Aint, Int32) = (0, 0)
      MPI_Win_shared_query(window, Int32(place), &size, &unit, &base)
      return size == 0 ? nil : base?.alignedUp(toMultipleOf: alignment)
    }
  }

  /// Every rank's values, by rank; ranks may give different numbers of them.
  public func allGather<Element: BitwiseCopyable>(_ values: [Element]) -> [[Element]] {
    guard let world else { return [values] }
    let stride = MemoryLayout<Element>.stride
    var counts = [Int32](repeating: 0, count: size)
    var count = Int32(values.count * stride)
    MPI_Allgather(&count, 1, capstan_mpi_int(), &counts, 1, capstan_mpi_int(), world)
    let starts = counts.reduce(into: [Int32(0)]) { $0.append($0[$0.count - 1] + $1) }
    let total = Int(starts[size]) / stride
    let all = [Element](unsafeUninitializedCapacity: total) { buffer, initialized in
      MPI_Allgatherv(
        values, count, capstan_mpi_byte(), buffer.baseAddress, counts, starts, capstan_mpi_byte(), world)
      initialized = total
    }
    return (0..<size).map { Array(all[Int(starts[$0]) / stride..<Int(starts[$0 + 1]) / stride]) }
  }

  /// Sends `count` floats to a rank while receiving as many (or another number) from one.
  func exchange(
    send: UnsafePointer<Float>, count sendCount: Int, to target: Int, receive: UnsafeMutablePointer<Float>,
    count receiveCount: Int, from source: Int
  ) {
    guard let world else { return }
    // Counts are 32 bits wide in MPI 3, and the pieces keep the receiver adding while the next is under way.
    let piece = 1 << 24
    for start in stride(from: 0, to: max(sendCount, receiveCount), by: piece) {
      MPI_Sendrecv(
        send + min(start, sendCount), Int32(max(0, min(piece, sendCount - start))), capstan_mpi_float(),
        Int32(target), 0, receive + min(start, receiveCount), Int32(max(0, min(piece, receiveCount - start))),
        capstan_mpi_float(), Int32(source), 0, world, capstan_mpi_ignore_status())
    }
  }

  /// An exchange with one rank that is under way.
  struct Exchange {
    fileprivate var requests: [MPI_Request?]
  }

  /// Starts to send `count` floats to a rank and to receive others from it. None of the memory may be touched
  /// until ``isComplete(_:)``.
  func startExchange(
    send: UnsafePointer<Float>, count sendCount: Int, receive: UnsafeMutablePointer<Float>,
    count receiveCount: Int, with partner: Int, tag: Int
  ) -> Exchange {
    var requests = [MPI_Request?](repeating: nil, count: 2)
    guard let world else { return Exchange(requests: requests) }
    MPI_Irecv(
      receive, Int32(receiveCount), capstan_mpi_float(), Int32(partner), Int32(tag), world, &requests[0])
    MPI_Isend(send, Int32(sendCount), capstan_mpi_float(), Int32(partner), Int32(tag), world, &requests[1])
    return Exchange(requests: requests)
  }

  /// Lets MPI work on an exchange, and tells whether it is done.
  func isComplete(_ exchange: inout Exchange) -> Bool {
    var flag: Int32 = 0
    MPI_Testall(
      Int32(exchange.requests.count), &exchange.requests, &flag, capstan_mpi_ignore_statuses())
    return flag != 0
  }

  func send(_ values: UnsafePointer<Float>, count: Int, to target: Int) {
    guard let world else { return }
    MPI_Send(values, Int32(count), capstan_mpi_float(), Int32(target), 0, world)
  }

  func receive(_ values: UnsafeMutablePointer<Float>, count: Int, from source: Int) {
    guard let world else { return }
    MPI_Recv(values, Int32(count), capstan_mpi_float(), Int32(source), 0, world, capstan_mpi_ignore_status())
  }

  func broadcast(_ values: UnsafeMutablePointer<Float>, count: Int) {
    guard let world else { return }
    MPI_Bcast(values, Int32(count), capstan_mpi_float(), 0, world)
  }
}
