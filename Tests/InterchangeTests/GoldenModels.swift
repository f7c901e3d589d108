import Autograd
import FileFormats
import Foundation
import Interchange
import Models
import Support
import Tensors
import Testing
import Training

/// The models that `Golden/make_models.py` had PyTorch, transformers and ClipCap's programs write.
enum GoldenModels {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Golden").path

  /// What their files do not tell.
  static var options: ImportOptions {
    var options = ImportOptions()
    options.tokenizer = folder + "/vocabulary"
    options.encoder = "toy"
    options.heads = 2
    options.mapperHeads = 2
    return options
  }

  static func imported(_ name: String, _ change: (inout ImportOptions) -> Void = { _ in }) throws
    -> PortableModel
  {
    var options = options
    change(&options)
    return try PortableModel(importing: "\(folder)/\(name)", options)
  }

  static func expected(_ name: String, in file: String = "expected") throws -> [Float] {
    try SafetensorsFile(path: "\(folder)/\(file).safetensors").floats(of: name)
  }

  /// The logits of the captions of the golden batch, or with a plain language model of each token after those before
  /// it: [4 · tokens, vocabulary].
  static func logits(_ model: any CaptionModel, on backend: Backend) throws -> [Float] {
    let file = try SafetensorsFile(path: folder + "/expected.safetensors")
    let tokens = try file.array("batch/tokens")
    let width = tokens.shape[1]
    let rows = tokens.integers().map(Int32.init)
    let captions = stride(from: 0, to: rows.count, by: width).map { Array(rows[$0..<$0 + width]) }
    var embeddings: Matrix?
    if (model as? ClipCap)?.mapper != nil {
      let matrix = backend.matrix(captions.count, try file.shape(of: "batch/embeddings")[1])
      try file.copyFloats(of: "batch/embeddings", to: matrix.pointer)
      embeddings = matrix
    }
    let batch = CaptionBatch(
      embeddings: embeddings, captions: captions, weights: nil, laneSizes: [captions.count], firstSample: 0)
    return model.logits(batch, on: Tape(on: backend, recording: false)).elements
  }

  static func inDirectory(_ body: (_ directory: String) throws -> Void) throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "models-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try body(directory)
  }
}

func expectFailure(
  _ kind: Failure.Kind, _ words: String..., at location: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) {
  do {
    try body()
    Issue.record("nothing was refused", sourceLocation: location)
  } catch let failure as Failure {
    #expect(failure.kind == kind, "\(failure)", sourceLocation: location)
    for word in words {
      #expect(failure.description.contains(word), "“\(failure)” lacks \(word)", sourceLocation: location)
    }
  } catch {
    Issue.record(error, sourceLocation: location)
  }
}
