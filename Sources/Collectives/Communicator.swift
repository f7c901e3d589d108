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
  private let world: MPI_Comm?

  /// The world of ranks that `mpirun` or `srun` made; a group of one where neither did.
  /// - Throws: `Failure.usage` when Slurm started several tasks that do not see each other.
  public static func world() throws -> Communicator {
    let environment = ProcessInfo.processInfo.environment
    let signs = ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"]
    let communicator = signs.contains { environment[$0] != nil } ? Communicator() : Communicator.alone
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
  public static var alone: Communicator { Communicator(rank: 0, size: 1, world: nil) }

  private convenience init() {
    var provided: Int32 = 0
    MPI_Init_thread(nil, nil, Int32(MPI_THREAD_FUNNELED), &provided)
    let world = capstan_mpi_world()
    var (rank, size): (Int32, Int32) = (0, 1)
    MPI_Comm_rank(world, &rank)
    MPI_Comm_size(world, &size)
    self.init(rank: Int(rank), size: Int(size), world: world)
  }

  private init(rank: Int, size: Int, world: MPI_Comm?) {
    self.rank = rank
    self.size = size
    self.world = world
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

  /// Ends MPI, when all ranks have come here.
  public func finalize() {
    if world != nil { MPI_Finalize() }
  }

  /// Ends all ranks at once: for a fault that the others cannot know of.
  public func abort(exitCode: Int32) -> Never {
    if size > 1, let world { MPI_Abort(world, exitCode) }
    exit(exitCode)
  }

  public func barrier() {
    if let world { MPI_Barrier(world) }
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
