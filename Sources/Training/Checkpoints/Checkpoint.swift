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
  static let all = [model, optimizer, state]
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
  private let frozen: Manifest.Entry?
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

  /// - Parameter frozen: the run's frozen parameters, which its checkpoints do not repeat; nil where none are.
  init(
    _ folder: CheckpointFolder, keep: Int, frozen: Manifest.Entry?, arena: ParameterArena,
    languageModelFiles: LanguageModelFiles?,
    on backend: Backend
  ) {
    self.folder = folder
    self.keep = keep
    self.frozen = frozen
    layout = arena.trainableLayout
    self.languageModelFiles = languageModelFiles
    self.backend = backend
  }

  /// Copies the state and writes it while training goes on.
  /// - Parameters:
  ///   - lines: the trained parameters' values and both moments.
  ///   - gather: brings a line, which the ranks keep in parts, together in a copy.
  /// - Throws: the failure of the checkpoint before this one.
  func write(
    _ state: RunState, _ lines: [Matrix], gather: (_ line: Matrix, _ copy: Matrix) -> Void
  ) throws {
    try wait()
    if copies.isEmpty { copies = lines.map { backend.matrix(1, $0.count) } }
    for (line, copy) in zip(lines, copies) { gather(line, copy) }
    let (copies, layout, folder, keep, frozen, files, outcome) = (
      copies, layout, folder, keep, frozen, languageModelFiles, outcome
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
        try folder.add(step: state.step, frozen: frozen) { directory in
          try Self.write(state, copies, layout, to: directory)
          try files?.write(to: directory)
        }
        try folder.link("latest", toStep: state.step)
        try folder.link("best", toStep: state.bestStep)
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
    try DurableFile.write(encoder.encode(state), to: "\(directory)/\(CheckpointFile.state)")
  }
}

/// A complete checkpoint on disk.
struct Checkpoint {
  let directory: String
  let state: RunState
  /// The file of the parameters that its run has frozen; nil where there is none.
  let frozenParameters: String?

  /// Verifies the manifest and reads the state.
  /// - Parameters:
  ///   - path: the checkpoint, or a link to one beside it.
  ///   - run: where the frozen parameters are looked for first; then in the run that the checkpoint is in.
  ///   - isVerifying: whether every byte is read, which one process of a machine needs to do.
  /// - Throws: `Failure.badData` when something of it is missing or damaged.
  init(_ path: String, of run: RunDirectory? = nil, verifying isVerifying: Bool = true) throws {
    directory = try CheckpointFolder.resolve(path)
    let manifest = try Manifest(readingFrom: directory)
    if isVerifying { try manifest.verify(directory, required: CheckpointFile.all) }
    let statePath = "\(directory)/\(CheckpointFile.state)"
    guard let data = FileManager.default.contents(atPath: statePath),
      let state = try? JSONDecoder().decode(RunState.self, from: data)
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
  func restore(_ arena: ParameterArena, _ optimizer: AdamW, initialize: () throws -> Void) throws {
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
