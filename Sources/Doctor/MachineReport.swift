import Collectives
import FileFormats
import Foundation

/// What all ranks found: what `capstan doctor` tells.
public struct MachineReport: Codable, Sendable {
  public var mpi: String
  public var hdf5: String
  public var isDebugBuild: Bool
  public var ranks: [RankFacts]

  public init(mpi: String, hdf5: String, isDebugBuild: Bool, ranks: [RankFacts]) {
    self.mpi = mpi
    self.hdf5 = hdf5
    self.isDebugBuild = isDebugBuild
    self.ranks = ranks
  }

  /// Looks at the machines of all ranks, which call this together; each gets all facts.
  /// - Parameters:
  ///   - threads: that this rank uses; nil: as many as it would use.
  ///   - measuring: whether to measure speeds, which takes some tenths of a second.
  public init(_ communicator: Communicator, threads: Int? = nil, measuring: Bool = true) throws {
    let ranks = try communicator.allGather(
      encoding: RankFacts(communicator, threads: threads, measuring: measuring))
    self.init(
      mpi: Communicator.libraryVersion, hdf5: HDF5File.libraryVersion, isDebugBuild: Self.isDebugBuild,
      ranks: ranks)
  }

  private static var isDebugBuild: Bool {
    #if DEBUG
      true
    #else
      false
    #endif
  }
}
