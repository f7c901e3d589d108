import Collectives
import Foundation
import Support
import Tensors

/// What one rank finds on its machine.
public struct RankFacts: Codable, Equatable, Sendable {
  public var rank: Int
  public var host: String

  public var processor: String
  /// The cores that the operating system runs.
  public var machineCores: Int
  /// The numbers of the cores that this rank may run on.
  public var cores: [Int]
  /// How many cores the process may run on that started this rank: fewer for the rank mean that it was bound.
  public var launcherCores: Int
  /// What control groups, those of containers and batch systems, let the rank use of these cores.
  public var quotas: [ProcessorQuota]
  /// The threads that the rank would use for training.
  public var threads: Int
  /// Bytes.
  public var memory: Int
  public var availableMemory: Int
  /// For what memory the system gives huge pages: of processes, and of what the ranks of a node share.
  public var hugePages: HugePageModes

  /// The instruction sets that this processor has kernels for, best first.
  public var instructionSets: [String]
  /// The one in use; nil where `CAPSTAN_ISA` asks for one that cannot be.
  public var instructionSet: String?
  /// `CAPSTAN_ISA` in the environment.
  public var wantedInstructionSet: String?

  public var blas: String
  public var blasCore: String
  /// The core that this processor's instructions allow; nil where OpenBLAS's own choice is to be trusted.
  public var bestBLASCore: String?
  public var isBLASCoreAdequate: Bool
  /// `OPENBLAS_CORETYPE` in the environment.
  public var wantedBLASCore: String?
  /// GFLOP/s of a large product on one thread; 0 where that was not measured.
  public var blasSpeed: Double
  /// GFLOP/s that no product can exceed on one thread; nil where that cannot be measured.
  public var peakSpeed: Double?

  /// Looks at the machine. All ranks call this together, and so measure what each reaches while the others work too.
  /// - Parameters:
  ///   - threads: that the rank uses; nil: as many as it would use.
  ///   - measuring: whether to measure speeds, which takes some tenths of a second.
  public init(_ communicator: Communicator, threads: Int? = nil, measuring: Bool = true) {
    let system = ProcessInfo.processInfo
    rank = communicator.rank
    host = system.hostName

    let affinity = Affinity.current
    processor = SystemFile("/proc/cpuinfo").value(of: "model name") ?? "unknown"
    machineCores = system.processorCount
    cores = affinity.coreNumbers
    launcherCores = (Affinity(of: getppid()) ?? affinity).cores
    quotas = ProcessorQuota.all()
    self.threads = threads ?? threadsPerRank(communicator)
    let memoryFile = SystemFile("/proc/meminfo")
    memory = memoryFile.bytes(of: "MemTotal") ?? Int(clamping: system.physicalMemory)
    availableMemory = AvailableMemory().bytes ?? memory
    hugePages = HugePageModes()

    instructionSets = Backend.instructionSets.filter(Backend.supports)
    instructionSet = try? Backend(threads: 1).instructionSet
    wantedInstructionSet = system.environment["CAPSTAN_ISA"]

    blas = BLASCore.library
    blasCore = BLASCore.inUse
    bestBLASCore = BLASCore.best
    isBLASCoreAdequate = BLASCore.isAdequate
    wantedBLASCore = system.environment["OPENBLAS_CORETYPE"]
    blasSpeed = measuring ? BLASCore.measuredSpeed(runs: 20) : 0
    peakSpeed = measuring ? BLASCore.measuredPeak(runs: 10) : nil
  }

  /// The speed of the BLAS as a share of what no product can exceed.
  public var blasEfficiency: Double? { peakSpeed.map { blasSpeed / $0 } }

  /// In cores; nil: without a limit.
  public var quota: Double? { quotas.map(\.cores).min() }
}
