import Autograd
import Collectives
import Configuration
import Foundation
import Runs
import Support
import Tensors

/// In which numbers products are computed where that is left open (`auto`): in bfloat16 where it is faster.
///
/// Having an instruction does not make it fast. AMX's always is. AVX-512's for pairs is twice as fast as float32 on some
/// processors and slower on others, so there a product is timed. Another start may find other times; therefore a run
/// keeps, in its configuration and its checkpoints, what its first start has found.
public struct PrecisionDecision: Equatable, Sendable {
  public let precision: Precision
  /// What was decided and why, in one line; nil where nothing was left open.
  public let reason: String?

  /// What a rank can say of its machine.
  enum Verdict: Codable, Equatable {
    /// The processor multiplies pairs of bfloat16 in tiles.
    case tiles
    /// It multiplies pairs, at so many GFLOP/s of one thread.
    case pairs(bfloat16: Double, float32: Double)
    /// It has no instruction for bfloat16.
    case none(instructionSet: String)

    /// Rounding costs accuracy, so it has to pay.
    var isForBfloat16: Bool {
      switch self {
      case .tiles: true
      case .pairs(let bfloat16, let float32): bfloat16 > 1.2 * float32
      case .none: false
      }
    }

    var reason: String {
      switch self {
      case .tiles: return "AMX multiplies it in tiles"
      case .pairs(let bfloat16, let float32):
        return String(
          format: "a product ran at %.0f GFLOP/s a thread in bfloat16, %.0f in float32", bfloat16, float32)
      case .none(let instructionSet): return "\(instructionSet) has no instructions for bfloat16"
      }
    }
  }

  /// What a rank knows.
  private struct Knowledge: Codable {
    let recorded: Precision?
    let verdict: Verdict?
  }

  /// All ranks call this together, whatever was chosen.
  /// - Parameter recorded: what a run that is resumed began with; rank 0's counts.
  public init(
    _ choice: PrecisionChoice, recorded: Precision? = nil, _ communicator: Communicator
  ) throws {
    let mine = try communicator.agree {
      let isOpen = choice == .auto && recorded == nil
      return Knowledge(recorded: recorded, verdict: isOpen ? try .measured() : nil)
    }
    let known = try communicator.allGather(encoding: mine)
    if let precision = choice.precision {
      self.init(precision, nil)
    } else if let precision = known[0].recorded {
      self.init(precision, "the run began with it")
    } else {
      self.init(of: known.compactMap(\.verdict))
    }
  }

  /// bfloat16 where all ranks are for it.
  init(of verdicts: [Verdict]) {
    let against = verdicts.firstIndex { !$0.isForBfloat16 }
    let place = against.flatMap { verdicts.count > 1 ? " (rank \($0))" : nil } ?? ""
    self.init(
      against == nil ? .bfloat16 : .float32, (verdicts.dropFirst(against ?? 0).first?.reason ?? "") + place)
  }

  private init(_ precision: Precision, _ reason: String?) {
    self.precision = precision
    self.reason = reason.map { "train.precision auto takes \(precision.rawValue): \($0)" }
  }
}

extension PrecisionDecision.Verdict {
  static func measured() throws -> Self {
    let backend = try Backend(threads: 1)
    switch backend.instructionSet {
    case "amx", "amx-emulated": return .tiles
    case "avx512bf16":
      return .pairs(bfloat16: try productSpeed(in: .bfloat16), float32: try productSpeed(in: .float32))
    default: return .none(instructionSet: backend.instructionSet)
    }
  }

  /// GFLOP/s of one thread in a product like those of a step: the best of some, by processor time.
  static func productSpeed(in precision: Precision) throws -> Double {
    let backend = try Backend(threads: 1, precision: precision)
    let (rows, inputs, outputs) = (208, 768, 1536)
    let weight = Parameter(
      "weight", shape: [inputs, outputs], .normal(deviation: 1e-3), isMatmulWeight: true)
    let arena = ParameterArena([weight], isTrainable: { _ in false }, on: backend)
    arena.initialize(seed: 0)
    arena.pack(on: backend)
    let packing = Packing(lengths: Array(repeating: 1, count: rows), laneSizes: [rows / 2, rows / 2])
    let (x, y) = (backend.zeros(rows, inputs), backend.matrix(rows, outputs))
    var best = 0.0
    for _ in 0..<6 {
      let start = clock()
      backend.multiply(MatmulInput(x, packing, on: backend), WeightOperand(weight, .inputsByOutputs), into: y)
      let seconds = Double(max(1, clock() - start)) / Double(CLOCKS_PER_SEC)
      best = max(best, 2 * Double(rows * inputs * outputs) / seconds / 1e9)
    }
    return best
  }
}

extension ResumePolicy {
  /// The precision of the run that is resumed, as far as it can be read: that of its checkpoint, or before the first
  /// one of its configuration.
  public func recordedPrecision(in directory: String) -> Precision? {
    let run = RunDirectory(directory)
    func precision(of checkpoint: String) -> Precision? {
      (try? Checkpoint(checkpoint, of: run, verifying: false))?.state.identity.precision
    }
    switch self {
    case .never: return nil
    case .from(let path): return precision(of: path)
    case .automatically, .intact:
      let folder = CheckpointFolder(path: run.checkpoints)
      return folder.steps.reversed().lazy.compactMap { precision(of: folder.directory(ofStep: $0)) }.first
        ?? (try? Configuration(contentsOf: run.configuration))?.train.precision.precision
    }
  }
}
