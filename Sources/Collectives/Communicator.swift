import CMPI
import Foundation
import Support
import Tensors

/// The ranks of this job. A process that was not launched by MPI is a group of one, for which every operation here
/// is a no-op, so that callers have no branches.
///
/// MPI is called from the one thread that made the communicator.
public final class Communicator {
  public let rank: Int
  public let size: Int
  /// The world rank of the first rank of this node, for every rank.
  let nodeLeaders: [Int]
  /// The machine of every rank, as it calls itself.
  public let hosts: [String]
  private let world: MPI_Comm?
  private let node: MPI_Comm?
  private var windows: [MPI_Win?] = []
  /// nil in a group of one.
  private let stalls: HangDetector?

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
    try requireWhole(communicator.size, environment)
    return communicator
  }

  /// - Throws: `Failure.usage` where the launcher started more tasks than see each other, for each would train alone.
  static func requireWhole(_ size: Int, _ environment: [String: String]) throws {
    func number(_ name: String) -> Int { environment[name].flatMap(Int.init) ?? 1 }
    // A job step that srun made, not the batch script itself, in which the number of tasks is set too.
    let isStep = environment["SLURM_STEP_ID"].flatMap(UInt32.init) ?? .max < 0xffff_fff0
    guard size >= (isStep ? number("SLURM_STEP_NUM_TASKS") : 1) else {
      throw Failure.usage(
        "Slurm started \(number("SLURM_STEP_NUM_TASKS")) tasks, but each sees a world of \(counted(size, "rank")): "
          + "launch with `srun --mpi=pmix`, or with `mpirun` inside the allocation.")
    }
    guard size >= number("PMI_SIZE") else {
      throw Failure.usage(
        "The launcher started \(number("PMI_SIZE")) processes, but each sees a world of \(counted(size, "rank")): "
          + "use the mpirun of the MPI that capstan is built with, which `capstan doctor` names.")
    }
  }

  /// A group of one, without MPI.
  public static var alone: Communicator { Communicator() }

  private init() {
    (rank, size, nodeLeaders, hosts) = (0, 1, [0], [ProcessInfo.processInfo.hostName])
    (world, node, stalls) = (nil, nil, nil)
  }

  private init(ranksPerNode: Int32?) {
    var (rank, size, leader): (Int32, Int32, Int32) = (0, 1, 0)
    var (world, node, calls): (MPI_Comm?, MPI_Comm?, MPI_Comm?)
    var (leaders, hosts): ([Int32], [String]) = ([], [])
    Watchdog.shared.guarding("MPI's start", limit: Self.startLimit) {
      var provided: Int32 = 0
      MPI_Init_thread(nil, nil, Int32(MPI_THREAD_FUNNELED), &provided)
      world = capstan_mpi_world()
      MPI_Comm_dup(world, &calls)
      MPI_Comm_rank(world, &rank)
      MPI_Comm_size(world, &size)
      capstan_mpi_split_by_memory(world, rank, &node)
      if let ranksPerNode, let machine = node {
        var localRank: Int32 = 0
        MPI_Comm_rank(machine, &localRank)
        MPI_Comm_split(machine, localRank / ranksPerNode, rank, &node)
      }
      leader = rank
      MPI_Bcast(&leader, 1, capstan_mpi_int(), 0, node)
      leaders = [Int32](repeating: 0, count: Int(size))
      MPI_Allgather(&leader, 1, capstan_mpi_int(), &leaders, 1, capstan_mpi_int(), world)
      hosts = Self.allHosts(size: Int(size), over: world)
    }
    self.rank = Int(rank)
    self.size = Int(size)
    self.world = world
    self.node = node
    self.hosts = hosts
    nodeLeaders = leaders.map(Int.init)
    let isCrowded = hosts.count { $0 == hosts[Int(rank)] } > Affinity.current.cores
    stalls = HangDetector(rank: Int(rank), hosts: hosts, isCrowded: isCrowded, over: calls) { failure in
      failure.report()
      Self.abort(world, exitCode: failure.exitCode)
    }
  }

  /// Every rank's host name, cut to a length that all have room for.
  private static func allHosts(size: Int, over world: MPI_Comm?) -> [String] {
    let room = 64
    let name = Array(ProcessInfo.processInfo.hostName.utf8.prefix(room))
    let mine = name + [UInt8](repeating: 0, count: room - name.count)
    var all = [UInt8](repeating: 0, count: size * room)
    MPI_Allgather(mine, Int32(room), capstan_mpi_byte(), &all, Int32(room), capstan_mpi_byte(), world)
    return (0..<size).map {
      String(decoding: all[$0 * room..<($0 + 1) * room].prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  /// How long MPI may take to start.
  private static let startLimit = Duration.seconds(300)
  /// How long MPI may take to end the other ranks, which may be out of reach.
  private static let abortLimit = Duration.seconds(10)

  /// How long ranks wait for one that does not come before the job ends.
  public var stallLimit: Duration {
    get { stalls?.limit ?? .zero }
    set { stalls?.limit = newValue }
  }

  /// What the job is at, as in “step 12”: for the sentence when it hangs.
  public var currentPhase: String {
    get { stalls?.phase ?? "" }
    set { stalls?.phase = newValue }
  }

  /// Every wait for another rank: returns when `isDone` says so.
  /// - Parameter operation: what is waited for, as in “a barrier”.
  func wait(for operation: @autoclosure () -> String, until isDone: () -> Bool) {
    guard let stalls else { return }
    stalls.wait(for: operation(), until: isDone)
  }

  private func wait(for operation: @autoclosure () -> String, _ requests: [MPI_Request?]) {
    var exchange = Exchange(requests: requests)
    wait(for: operation()) { isComplete(&exchange) }
  }

  /// Starts what MPI does in the background, and returns when it is done.
  private func finish(_ operation: String, _ start: (inout MPI_Request?) -> Void) {
    var request: MPI_Request?
    start(&request)
    wait(for: operation, [request])
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
    barrier("the end of the job", of: world)
    Watchdog.shared.guarding("MPI's end", limit: stallLimit) {
      for index in windows.indices { MPI_Win_free(&windows[index]) }
      windows = []
      MPI_Finalize()
    }
  }

  /// Ends all ranks at once: for a fault that the others cannot know of.
  public func abort(exitCode: Int32) -> Never {
    if size > 1 { Self.abort(world, exitCode: exitCode) }
    exit(exitCode)
  }

  private static func abort(_ world: MPI_Comm?, exitCode: Int32) -> Never {
    Watchdog.shared.guarding("MPI's abort", limit: abortLimit) { _ = MPI_Abort(world, exitCode) }
    exit(exitCode)
  }

  public func barrier() { barrier("a barrier", of: world) }

  /// Returns when all ranks of this node have come here, each seeing what the others have written to shared memory.
  func nodeBarrier(_ name: String) { barrier(name, of: node) }

  private func barrier(_ name: String, of group: MPI_Comm?) {
    guard let group else { return }
    finish(name) { MPI_Ibarrier(group, &$0) }
  }

  /// Shares memory within the node until ``finalize()``; to be called by all of its ranks.
  /// - Parameter bytes: of this rank, which may be none.
  /// - Returns: where each rank's part is, 64-byte aligned. It is zero as the system gives it, and takes no memory
  ///   before it is touched: MPI does not promise that, but the files that MPI libraries map for it are new.
  func allocateShared(bytes: Int) -> [UnsafeMutableRawPointer] {
    guard let node else { return [] }
    let alignment = 64
    var (window, base): (MPI_Win?, UnsafeMutableRawPointer?)
    let size = bytes == 0 ? 0 : bytes + alignment
    Watchdog.shared.guarding("the sharing of memory", limit: stallLimit) {
      _ = MPI_Win_allocate_shared(size, 1, capstan_mpi_no_info(), node, &base, &window)
    }
    windows.append(window)
    return nodeLeaders.indices.filter { nodeLeaders[$0] == nodeLeaders[rank] }.indices.compactMap {
      localRank in
      var (size, unit): (MPI_Aint, Int32) = (0, 0)
      MPI_Win_shared_query(window, Int32(localRank), &size, &unit, &base)
      return size == 0 ? nil : base?.alignedUp(toMultipleOf: alignment)
    }
  }

  /// Every rank's values, by rank; ranks may give different numbers of them.
  public func allGather<Element: BitwiseCopyable>(_ values: [Element]) -> [[Element]] {
    guard let world else { return [values] }
    let stride = MemoryLayout<Element>.stride
    var counts = [Int32](repeating: 0, count: size)
    let count = Int32(values.count * stride)
    let total = withUnsafeBytes(of: count) { mine in
      counts.withUnsafeMutableBufferPointer { counts in
        finish("a gathering") {
          MPI_Iallgather(
            mine.baseAddress, 1, capstan_mpi_int(), counts.baseAddress, 1, capstan_mpi_int(), world, &$0)
        }
        return counts.reduce(0) { $0 + Int($1) } / stride
      }
    }
    let starts = counts.prefixSums()
    // All of this must stay where it is until the request is done.
    let all = [Element](unsafeUninitializedCapacity: total) { buffer, initialized in
      values.withUnsafeBufferPointer { values in
        counts.withUnsafeBufferPointer { counts in
          starts.withUnsafeBufferPointer { starts in
            finish("a gathering") {
              MPI_Iallgatherv(
                values.baseAddress, count, capstan_mpi_byte(), buffer.baseAddress, counts.baseAddress,
                starts.baseAddress, capstan_mpi_byte(), world, &$0)
            }
          }
        }
      }
      initialized = total
    }
    return (0..<size).map { Array(all[Int(starts[$0]) / stride..<Int(starts[$0 + 1]) / stride]) }
  }

  /// Gives each rank its part.
  /// - Parameter parts: one for every rank, of any lengths.
  /// - Returns: what each rank gave to this one.
  public func allToAll(_ parts: [[Float]]) -> [[Float]] {
    guard world != nil else { return parts }
    let counts = allGather(parts.map(\.count)).map { $0[rank] }
    let sent = Array(parts.joined())
    let total = counts.reduce(0, +)
    let received = [Float](unsafeUninitializedCapacity: total) { received, initialized in
      sent.withUnsafeBufferPointer { sent in
        var requests: [MPI_Request?] = []
        var (arrived, gone) = (0, 0)
        for other in 0..<size {
          if let start = received.baseAddress, counts[other] > 0 {
            requests.append(startReceiving(start + arrived, count: counts[other], from: other))
          }
          if let start = sent.baseAddress, !parts[other].isEmpty {
            requests.append(startSending(start + gone, count: parts[other].count, to: other))
          }
          arrived += counts[other]
          gone += parts[other].count
        }
        wait(for: "an exchange of rows", requests)
      }
      initialized = total
    }
    var rest = received[...]
    return counts.map { count in
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
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
    let received = startReceiving(receive, count: receiveCount, from: partner, tag: tag)
    return Exchange(requests: [received, startSending(send, count: sendCount, to: partner, tag: tag)])
  }

  private func startSending(
    _ values: UnsafePointer<Float>, count: Int, to target: Int, tag: Int = 0
  ) -> MPI_Request? {
    guard let world else { return nil }
    var request: MPI_Request?
    MPI_Isend(values, Int32(count), capstan_mpi_float(), Int32(target), Int32(tag), world, &request)
    return request
  }

  private func startReceiving(
    _ values: UnsafeMutablePointer<Float>, count: Int, from source: Int, tag: Int = 0
  ) -> MPI_Request? {
    guard let world else { return nil }
    var request: MPI_Request?
    MPI_Irecv(values, Int32(count), capstan_mpi_float(), Int32(source), Int32(tag), world, &request)
    return request
  }

  /// Lets MPI work on an exchange, and tells whether it is done.
  func isComplete(_ exchange: inout Exchange) -> Bool {
    var flag: Int32 = 0
    MPI_Testall(
      Int32(exchange.requests.count), &exchange.requests, &flag, capstan_mpi_ignore_statuses())
    return flag != 0
  }

  func send(_ values: UnsafePointer<Float>, count: Int, to target: Int) {
    wait(for: "rank \(target) taking a message", [startSending(values, count: count, to: target)])
  }

  func receive(_ values: UnsafeMutablePointer<Float>, count: Int, from source: Int) {
    wait(for: "a message of rank \(source)", [startReceiving(values, count: count, from: source)])
  }

  func broadcast(_ values: UnsafeMutablePointer<Float>, count: Int) {
    guard let world else { return }
    finish("a broadcast") { MPI_Ibcast(values, Int32(count), capstan_mpi_float(), 0, world, &$0) }
  }
}
