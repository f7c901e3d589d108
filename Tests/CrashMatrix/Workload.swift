import Foundation
import Support

/// Data and configurations of runs that take a second, and what such runs end with when nothing befalls them.
struct Workload: Sendable {
  /// What is trained.
  enum Kind: String, CaseIterable, Sendable {
    case fineTune, frozen, plain
  }

  static let steps = 20
  static let keep = 2
  let folder: String
  let capstan: String

  /// Draws the data, learns a vocabulary and trains the references, of which every checkpoint is kept.
  init(in folder: String, capstan: String) throws {
    self.folder = folder
    self.capstan = capstan
    try DurableFile.makeDirectory(folder)
    let store = folder + "/scenes.h5"
    try run("data", "synth", "--out", store, "--scenes", "60", "--seed", "1")
    try run(
      "tokenizer", "train", "--store", store, "--vocabulary-size", "300", "--out", folder + "/tokenizer")
    let text = """
      run: {directory: unset, threads: 1, stall_limit: 30}
      data:
        train: {files: \(store)}
        validation: {files: \(store)}
        tokenizer: \(folder)/tokenizer
      model:
        language_model: {layers: 1, width: 32, heads: 2, positions: 64, dropout: 0.1}
        mapper: {prefix_length: 3, clip_length: 2, layers: 1, heads: 2}
      train: {steps: \(Self.steps), batch_size: 16, clip_norm: 1.0, precision: float32}
      optimizer: {learning_rate: 1.0e-3}
      validation: {every_steps: 8}
      checkpoint: {every_steps: 2, keep: \(Self.keep)}
      """
    try DurableFile.write(Data(text.utf8), to: configuration)
    // The language model that is frozen is the plain one's.
    for kind in [Kind.fineTune, .plain, .frozen] {
      let job = try Job(
        self, kind, in: reference(of: kind), ranks: 1, options: ["--set", "checkpoint.keep=99"],
        log: "\(folder)/\(kind).log")
      let ending = try job.wait()
      guard ending.code == 0 else { throw Verdict("The reference failed: \(ending.log)") }
    }
  }

  var configuration: String { folder + "/config.yaml" }

  /// A kind as overrides of the configuration.
  func overrides(of kind: Kind) -> [String] {
    switch kind {
    case .fineTune: ["model.mapper.kind=mlp"]
    case .frozen:
      [
        "model.mapper.kind=transformer", "model.language_model.frozen=true",
        "model.language_model.directory=\(reference(of: .plain))/checkpoints/latest",
      ]
    case .plain: ["model.mapper.kind=none"]
    }
  }

  func reference(of kind: Kind) -> String { "\(folder)/reference-\(kind)" }

  private func run(_ arguments: String...) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: capstan)
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Verdict("capstan \(arguments[0]) failed.") }
  }
}
