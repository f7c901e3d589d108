import Foundation
import Support

extension MachineReport {
  /// The share of the processor's peak that OpenBLAS should reach with a large product. With the right
  /// kernels it is nine tenths; kernels for vectors of half the width reach less than half.
  static let expectedEfficiency = 0.7

  /// What is wrong and how to fix it, one sentence each, the gravest first. A sentence that is true of
  /// several ranks is there once.
  public var problems: [String] { problems(usingBLAS: true) }

  /// - Parameter usingBLAS: whether BLAS matters, as it does not with products in bfloat16.
  public func problems(usingBLAS: Bool) -> [String] {
    let hosts = Dictionary(grouping: ranks, by: \.host).sorted { $0.key < $1.key }
    let blas = usingBLAS ? ranks.flatMap(blasCore) + differingBLAS + slowBLAS : []
    let problems =
      build + ranks.flatMap(kernels) + hosts.flatMap { throttling(on: $0, $1) + crowding(on: $0, $1) } + blas
    var told = Set<String>()
    return problems.filter { told.insert($0).inserted }
  }

  private var build: [String] {
    isDebugBuild
      ? ["This is a debug build, which is several times slower; build with `swift build -c release`."] : []
  }

  private func kernels(of rank: RankFacts) -> [String] {
    guard let wanted = rank.wantedInstructionSet, let best = rank.instructionSets.first, wanted != best else {
      return []
    }
    guard rank.instructionSet != nil else {
      return [
        "CAPSTAN_ISA is “\(wanted)”, which is not among the kernels for this processor "
          + "(\(rank.instructionSets.joined(separator: ", "))), so training would stop; unset it."
      ]
    }
    return ["CAPSTAN_ISA holds the kernels at \(wanted), where this processor has \(best); unset it."]
  }

  private func blasCore(of rank: RankFacts) -> [String] {
    guard let best = rank.bestBLASCore, !rank.isBLASCoreAdequate else { return [] }
    if rank.wantedBLASCore == best {
      return [
        "\(rank.blas) has no \(best) kernels, which are the best for this processor, and runs "
          + "\(rank.blasCore); install an OpenBLAS that is built with DYNAMIC_ARCH."
      ]
    }
    return [
      "OPENBLAS_CORETYPE holds OpenBLAS at its \(rank.blasCore) kernels, where \(best) is the best for this "
        + "processor; unset it."
    ]
  }

  /// Of ranks whose kernels are the right ones.
  private var slowBLAS: [String] {
    let slow = ranks.filter { $0.isBLASCoreAdequate && $0.blasEfficiency ?? 1 < Self.expectedEfficiency }
    guard let slowest = slow.min(by: { $0.blasEfficiency ?? 1 < $1.blasEfficiency ?? 1 }) else { return [] }
    let others = slow.count > 1 ? " and too little on \(counted(slow.count - 1, "other rank"))" : ""
    return [
      "OpenBLAS reaches only \(percent(slowest.blasEfficiency ?? 1)) of the processor's peak on rank "
        + "\(slowest.rank) (\(slowest.host))\(others); stop other programs that use the cores, or "
        + "install a newer OpenBLAS."
    ]
  }

  private var differingBLAS: [String] {
    let cores = Set(ranks.map { "\($0.blas) \($0.blasCore)" }).sorted()
    guard cores.count > 1 else { return [] }
    return [
      "The ranks multiply with different kernels (\(cores.joined(separator: "; "))), so the last "
        + "bits of a result depend on the number of ranks; install one OpenBLAS and "
        + "set one OPENBLAS_CORETYPE for all."
    ]
  }

  /// What is wrong with how the ranks of one host share a quota of processor time: of the quota that is exceeded most.
  private func throttling(on host: String, _ ranks: [RankFacts]) -> [String] {
    let excesses = Set(ranks.flatMap(\.quotas)).map { quota in
      let sharers = ranks.filter { $0.quotas.contains(quota) }
      return (cores: quota.cores, ranks: sharers.count, threads: sharers.map(\.threads).reduce(0, +))
    }.filter { Double($0.threads) > $0.cores }
    guard let worst = excesses.max(by: { Double($0.threads) / $0.cores < Double($1.threads) / $1.cores })
    else {
      return []
    }
    let whole = max(1, Int(worst.cores))
    let remedy =
      if worst.ranks > whole {
        "start at most \(counted(whole, "rank")) there, or raise the limit"
      } else if worst.threads > whole {
        "set run.threads to \(whole / worst.ranks) or leave it null, or raise the limit"
      } else {
        "raise the limit"
      }
    return [
      "The container may use \(cores(worst.cores)) of the machine's \(ranks[0].machineCores) cores on \(host), but has "
        + "\(counted(worst.threads, "thread")) (\(counted(worst.ranks, "rank"))), so the system stops them again and again; "
        + "\(remedy) (`docker run --cpus`, in Kubernetes `limits.cpu`)."
    ]
  }

  /// What is wrong with how the cores of one host are shared by its ranks.
  private func crowding(on host: String, _ ranks: [RankFacts]) -> [String] {
    let usable = Set(ranks.flatMap(\.cores)).count
    let there = ranks.map(\.launcherCores).max() ?? usable
    let busy = min(usable, ranks.map(\.threads).reduce(0, +))
    if ranks.count > there {
      return [
        "\(ranks.count) ranks share the \(there) cores of \(host), so they wait for each other; start "
          + "at most \(there) there."
      ]
    }
    let quota = ranks.compactMap(\.quota).min().map { Int($0) } ?? there
    let unboundBusy = min(there, quota) / ranks.count * ranks.count
    if usable < there, busy < unboundBusy {
      return [
        "Only \(busy) of the \(there) cores of \(host) will be busy (\(counted(ranks.count, "rank"))), because "
          + "the launcher binds ranks to cores; launch with `mpirun --bind-to none` to use \(unboundBusy)."
      ]
    }
    let threads = ranks.map(\.threads).reduce(0, +)
    guard threads > usable else { return [] }
    return [
      "\(threads) threads of \(counted(ranks.count, "rank")) share the \(counted(usable, "core")) of \(host) that they may "
        + "use, so they wait for each other; set run.threads to \(max(1, usable / ranks.count)), or leave it null."
    ]
  }
}

/// A share as in “91 %”.
public func percent(_ share: Double) -> String { "\(Int((100 * share).rounded())) %" }

/// A number of cores, which may be a fraction.
public func cores(_ number: Double) -> String { String(format: "%.3g", number) }
