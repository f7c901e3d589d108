import Autograd
import FileFormats
import Foundation
import Models
import Optimization
import Support
import Tensors

/// The files of one checkpoint: `model.safetensors` (what is trained), `optimizer.safetensors` (moments, as ranges of
/// the flat arena), `state.json`, and the manifest over them. `docs/checkpoint-format.md` is normative.
enum CheckpointFile {
  static let model = "model.safetensors"
  static let optimizer = "optimizer.safetensors"
  static let state = "state.json"
  static let all = [model, optimizer, state]
}

/// A complete checkpoint on disk.
public struct Checkpoint {
  public let directory: String
  public let state: RunState
  /// The file of the parameters that its run has frozen; nil where there is none.
  public let frozenParameters: String?

  /// The run that made it, if it has not been moved.
  public var run: RunDirectory { RunDirectory(directory + "/../..") }

  /// Verifies the manifest and reads the state.
  /// - Parameters:
  ///   - path: the checkpoint, or a link to one beside it.
  ///   - run: where the frozen parameters are looked for first; then in the run that the checkpoint is in.
  ///   - isVerifying: whether every byte is read, which one process of a machine needs to do.
  /// - Throws: `Failure.badData` when something of it is missing or damaged.
  public init(_ path: String, of run: RunDirectory? = nil, verifying isVerifying: Bool = true) throws {
    directory = try CheckpointFolder.resolve(path)
    let manifest = try Manifest(readingFrom: directory)
    if isVerifying { try manifest.verify(directory, required: CheckpointFile.all) }
    let statePath = "\(directory)/\(CheckpointFile.state)"
    guard let data = FileManager.default.contents(atPath: statePath),
      let state = try? JSON.decoder(renaming: RunState.formerKeys).decode(RunState.self, from: data)
    else { throw Failure.badData("\(statePath) is not a run's state; \(Manifest.advice).") }
    self.state = state
    let places = [run, RunDirectory(directory + "/../..")].compactMap { $0?.frozenParameters }
    let place = places.first { FileKind($0) != nil }
    if isVerifying, let frozen = manifest.frozen {
      try frozen.verify(place ?? places[0], advice: "every checkpoint of the run needs it, so put it back")
    }
    frozenParameters = place
  }

  /// Puts weights and moments where they were.
  /// - Parameter initialize: gives first values to frozen parameters that are in no file, as in older runs.
  /// - Throws: `Failure.usage` when they are another model's.
  public func restore(_ arena: ParameterArena, _ optimizer: AdamW, initialize: () throws -> Void) throws {
    let frozen = arena.parameters.filter { $0.gradient == nil }
    if !frozen.isEmpty {
      if let frozenParameters {
        try restoreParameters(frozen, from: frozenParameters)
      } else {
        try initialize()
      }
    }
    try restoreParameters(arena.trainableParameters, from: "\(directory)/\(CheckpointFile.model)")
    let path = "\(directory)/\(CheckpointFile.optimizer)"
    let moments = try SafetensorsFile(path: path)
    for (name, moment) in [("moment1", optimizer.moment1), ("moment2", optimizer.moment2)] {
      let found = try moments.shape(of: name)
      guard found == [arena.trainableCount] else {
        throw Failure.usage(
          "\(path) has moments for \(found) parameters, but the model has \(arena.trainableCount); resume with the "
            + "model of that run.")
      }
      try moments.copyFloats(of: name, to: moment.pointer)
    }
  }
}

/// Reads a run's own parameters.
/// - Throws: `Failure.badData` when a parameter is missing, superfluous, of another shape, or not finite.
func restoreParameters(_ parameters: some Collection<Parameter>, from path: String) throws {
  try ModelWeights(StateDict(path: path), knowing: Set(parameters.map(\.name))).load(
    into: parameters,
    advice: "they are of different models, so correct the model section of the configuration")
}
