import Autograd
import Essentials
import Foundation
import Models
import Optimization
import Storage
import Synchronization
import Tensors
import Text

/// The files of one checkpoint: `model.safetensors` (what is trained), `optimizer.safetensors` (moments, as ranges of
/// the flat arena), `state.json`, and the manifest over them. `docs/checkpoint-format.md` is normative.
enum CheckpointFile {
  static let model = "model.safetensors"
  static let optimizer = "optimizer.safetensors"
  static let state = "state.json"
}

/// What makes a plain language model's checkpoint a directory that `transformers` loads too.
struct LanguageModelFiles: Sendable {
  let configuration: GPT2Configuration
  let tokenizer: Tokenizer

  func write(to directory: String) throws {
    try configuration.writeConfigJSON(to: directory + "/config.json", endOfText: Int(tokenizer.endOfText))
    try tokenizer.save(to: directory)
  }
}

/// Writes checkpoints in the background: training waits only while its state is copied.
final class CheckpointWriter {
  private let folder: CheckpointFolder
  private let keep: Int
  private let layout: [(name: String, shape: [Int], offset: Int)]
  private let languageModelFiles: LanguageModelFiles?
  private let queue = DispatchQueue(label: "capstan.checkpoint")
  private let outcome = Outcome()
  /// Copies of values and both moments, made at the first checkpoint.
  private var copies: [Matrix] = []
  private let backend: Backend

  private final class Outcome: @unchecked Sendable {
    var failure: (any Error)?
    let isWriting = Atomic<Bool>(false)
  }

  /// Whether a checkpoint is on its way to the disk.
  var isWriting: Bool { outcome.isWriting.load(ordering: .relaxed) }

  init(
    _ folder: CheckpointFolder, keep: Int, arena: ParameterArena, languageModelFiles: LanguageModelFiles?,
    on backend: Backend
  ) {
    self.folder = folder
    self.keep = keep
    layout = arena.trainableLayout
    self.languageModelFiles = languageModelFiles
    self.backend = backend
  }

  /// Copies what is to be written, as soon as the checkpoint before it is on disk.
  /// - Parameters:
  ///   - lines: the trained parameters' values and both moments.
  ///   - gather: brings a line, which the ranks keep in parts, together in a copy.
  /// - Throws: the failure of the checkpoint before this one.
  func copy(_ lines: [Matrix], gather: (_ line: Matrix, _ copy: Matrix) -> Void) throws {
    try wait()
    if copies.isEmpty { copies = lines.map { backend.matrix(1, $0.count) } }
    for (line, copy) in zip(lines, copies) { gather(line, copy) }
  }

  /// Writes what was copied to a directory outside of the run's checkpoints, and returns when it is on disk.
  /// - Parameter addFiles: writes what belongs beside it.
  func write(_ state: RunState, to path: String, adding addFiles: (_ directory: String) throws -> Void) throws
  {
    try DurableFile.writeDirectory(to: path) { directory in
      try Self.write(state, copies, layout, to: directory)
      try languageModelFiles?.write(to: directory)
      try addFiles(directory)
      try Manifest(of: directory).write(to: directory)
    }
  }

  /// Writes what was copied while training goes on.
  func write(_ state: RunState) {
    let (copies, layout, folder, keep, files, outcome) = (
      copies, layout, folder, keep, languageModelFiles, outcome
    )
    outcome.isWriting.store(true, ordering: .relaxed)
    queue.async {
      let thread = ThreadName()
      thread.show("ckpt-write")
      defer {
        outcome.isWriting.store(false, ordering: .relaxed)
        thread.show("ckpt-idle")
      }
      do {
        try folder.add(step: state.step) { directory in
          try Self.write(state, copies, layout, to: directory)
          try files?.write(to: directory)
        }
        try folder.link("latest", toStep: state.step)
        if let best = state.bestStep, folder.steps.contains(best) { try folder.link("best", toStep: best) }
        thread.show("ckpt-purge")
        folder.purge(keep: keep, best: state.bestStep)
      } catch { outcome.failure = error }
    }
  }

  /// Returns when everything is on disk.
  func wait() throws {
    queue.sync {}
    defer { outcome.failure = nil }
    if let failure = outcome.failure { throw failure }
  }

  private static func write(
    _ state: RunState, _ copies: [Matrix], _ layout: [(name: String, shape: [Int], offset: Int)],
    to directory: String
  ) throws {
    try SafetensorsFile.write(
      layout.map {
        let values = copies[0].slice($0.offset, count: $0.shape.reduce(1, *))
        return ArrayEntry(name: $0.name, shape: $0.shape, floats: values.buffer)
      },
      metadata: ["format": "pt"], to: "\(directory)/\(CheckpointFile.model)")
    let count = copies[1].count
    try SafetensorsFile.write(
      [
        ArrayEntry(name: "moment1", shape: [count], floats: copies[1].buffer),
        ArrayEntry(name: "moment2", shape: [count], floats: copies[2].buffer),
      ],
      metadata: ["range_start": "0", "range_end": "\(count)", "arena": "\(count)"],
      to: "\(directory)/\(CheckpointFile.optimizer)")
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try encoder.encode(state).write(to: URL(fileURLWithPath: "\(directory)/\(CheckpointFile.state)"))
  }
}

/// A complete checkpoint on disk.
struct Checkpoint {
  let directory: String
  let state: RunState

  /// Verifies the manifest and reads the state.
  init(_ directory: String) throws {
    self.directory = directory
    try Manifest(readingFrom: directory).verify(directory)
    let path = "\(directory)/\(CheckpointFile.state)"
    guard let data = FileManager.default.contents(atPath: path),
      let state = try? JSONDecoder().decode(RunState.self, from: data)
    else { throw Failure.badData("\(path) is not a run's state; name another checkpoint by --resume PATH.") }
    self.state = state
  }

  /// Puts weights and moments where they were.
  /// - Throws: `Failure.usage` when they are another model's.
  func restore(_ arena: ParameterArena, _ optimizer: AdamW) throws {
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
  try ModelWeights(StateDict(path: path)).load(
    into: parameters,
    advice: "they are of different models, so correct the model section of the configuration")
}

extension ParameterArena {
  /// Names, shapes and places of the trainable parameters, in arena order.
  var trainableLayout: [(name: String, shape: [Int], offset: Int)] {
    zip(trainableParameters, offsets).map { ($0.name, $0.shape, $1) }
  }
}
