import CMPI

/// Finds out who waits: every rank that has waited too long says so to all others, again and again, and the ranks that
/// are not heard are those that the others wait for.
///
/// Messages of an earlier call may still arrive, so only those count that come in its second half.
struct LivenessPoll {
  /// Ranks that were heard, and this one.
  private(set) var present: Set<Int>
  private let start = ContinuousClock.now
  private let duration: Duration
  private let communicator: MPI_Comm?
  private let rank: Int
  private let size: Int
  private var sent = 0

  /// Messages that a rank sends to each other one.
  private static let repetitions = 8

  init(rank: Int, size: Int, duration: Duration, over communicator: MPI_Comm?) {
    self.rank = rank
    self.size = size
    self.duration = duration
    self.communicator = communicator
    present = [rank]
  }

  /// Speaks when it is time, and listens.
  /// - Returns: whether the call is over.
  mutating func poll() -> Bool {
    let elapsed = ContinuousClock.now - start
    if sent < Self.repetitions, elapsed >= duration * sent / Self.repetitions {
      sent += 1
      for other in 0..<size where other != rank {
        // Nothing is in the message, so nobody needs to keep it until it has gone.
        var request: MPI_Request?
        MPI_Isend(nil, 0, capstan_mpi_byte(), Int32(other), 0, communicator, &request)
        MPI_Request_free(&request)
      }
    }
    while let source = Self.next(over: communicator) {
      if elapsed > duration / 2 { present.insert(source) }
    }
    return elapsed >= duration
  }

  /// Whether another rank calls.
  static func isCalled(over communicator: MPI_Comm?) -> Bool { next(over: communicator) != nil }

  /// Takes a message that is there.
  /// - Returns: its sender.
  private static func next(over communicator: MPI_Comm?) -> Int? {
    var (flag, status): (Int32, MPI_Status) = (0, MPI_Status())
    MPI_Iprobe(MPI_ANY_SOURCE, 0, communicator, &flag, &status)
    guard flag != 0 else { return nil }
    MPI_Recv(nil, 0, capstan_mpi_byte(), status.MPI_SOURCE, 0, communicator, capstan_mpi_ignore_status())
    return Int(status.MPI_SOURCE)
  }
}
