import Autograd
import Datasets
import FileFormats
import Foundation
import Models
import Support
import Synchronization
import Tensors
import Text

/// What makes a plain language model's checkpoint a directory that `transformers` loads too.
public struct HuggingFaceFiles: Sendable {
  public let configuration: any ModelConfiguration
  public let tokenizer: any Tokenizer

  public init(configuration: any ModelConfiguration, tokenizer: any Tokenizer) {
    self.configuration = configuration
    self.tokenizer = tokenizer
  }

  public func write(to directory: String) throws {
    try configuration.writeHuggingFaceConfiguration(
      to: directory + "/config.json", endOfText: Int(tokenizer.endOfText))
    try tokenizer.save(to: directory)
  }
}

/// Writes checkpoints in the background: training waits only while its state is copied.
public final class CheckpointWriter {
  private let folder: CheckpointFolder
  private let keep: Int
  private let frozen: Manifest.Entry?
  private let layout: [(name: String, shape: [Int], offset: Int)]
  private let huggingFaceFiles: HuggingFaceFiles?
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
  public var isWriting: Bool { outcome.isWriting.load(ordering: .relaxed) }

  /// - Parameter frozen: the run's frozen parameters, which its checkpoints do not repeat; nil where none are.
  public init(
    _ folder: CheckpointFolder, keep: Int, frozen: Manifest.Entry?, arena: ParameterArena,
    huggingFaceFiles: HuggingFaceFiles?,
    on backend: Backend
  ) {
    self.folder = folder
    self.keep = keep
    self.frozen = frozen
    layout = arena.trainableLayout
    self.huggingFaceFiles = huggingFaceFiles
    self.backend = backend
  }

  /// Copies what is to be written, as soon as the checkpoint before it is on disk.
  /// - Parameters:
  ///   - lines: the trained parameters' values and both moments.
  ///   - gather: brings a line, which the ranks keep in parts, together in a copy.
  /// - Throws: the failure of the checkpoint before this one.
  public func copy(_ lines: [Matrix], gather: (_ line: Matrix, _ copy: Matrix) -> Void) throws {
    try wait()
    if copies.isEmpty { copies = lines.map { backend.matrix(1, $0.count) } }
    for (line, copy) in zip(lines, copies) { gather(line, copy) }
  }

  /// Writes what was copied to a directory outside of the run's checkpoints, and returns when it is on disk.
  /// - Parameter addFiles: writes what belongs beside it.
  public func write(_ state: RunState, to path: String, adding addFiles: (_ directory: String) throws -> Void)
    throws
  {
    try DurableFile.writeDirectory(to: path) { directory in
      try Self.write(state, copies, layout, to: directory)
      try huggingFaceFiles?.write(to: directory)
      try addFiles(directory)
      try Manifest(of: directory, frozen: frozen).write(to: directory)
    }
  }

  /// Writes what was copied while training goes on.
  public func write(_ state: RunState) {
    let (copies, layout, folder, keep, frozen, files, outcome) = (
      copies, layout, folder, keep, frozen, huggingFaceFiles, outcome
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
        try folder.setLinks(to: state)
        thread.show("ckpt-purge")
        folder.purge(keep: keep, best: state.bestStep)
      } catch { outcome.failure = error }
    }
  }

  /// Returns when everything is on disk.
  public func wait() throws {
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
    try DurableFile.write(
      JSON.encoder(isIndented: true).encode(state), to: "\(directory)/\(CheckpointFile.state)")
  }
}

extension ParameterArena {
  /// Names, shapes and places of the trainable parameters, in arena order.
  var trainableLayout: [(name: String, shape: [Int], offset: Int)] {
    zip(trainableParameters, offsets).map { ($0.name, $0.shape, $1) }
  }
}
