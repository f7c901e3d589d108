import FileFormats
import Foundation
import Interchange
import Models
import Support
import Tensors
import Testing
import Training

@testable import Runs

/// Models go out and come back as they were, bit by bit. That PyTorch and transformers read them is for
/// `Golden/check_exports.py`.
@Suite struct ExportTests {
  private static let routes: [(file: String, format: ModelFormat, suffix: String)] =
    ["mlp.pt", "mlp-half.pt", "mlp-bfloat16.pt", "linear.pt", "transformer.pt"].flatMap { file in
      [(file, .torch, ".pt"), (file, .safetensors, ".safetensors"), (file, .model, "")]
    }

  @Test(arguments: routes)
  func modelsComeBackBitByBit(file: String, format: ModelFormat, suffix: String) throws {
    let model = try GoldenModels.imported(file)
    try GoldenModels.inDirectory { directory in
      let path = directory + "/written" + suffix
      #expect(ModelFormat(ofPath: path) == format)
      try model.write(format, to: path)
      let again =
        format == .model
        ? try PortableModel(StoredModel(path)) : try PortableModel(importing: path, GoldenModels.options)
      #expect(again.sizes == model.sizes)
      try expectSameWeights(again, model)
    }
  }

  /// Their config.json stands beside the weights, or in the directory.
  @Test(arguments: ["llama", "qwen2", "qwen3"])
  func modernLanguageModelsComeBackBitByBit(name: String) throws {
    let model = try GoldenModels.imported(name) { $0.heads = nil }
    try GoldenModels.inDirectory { directory in
      for format in [ModelFormat.model, .huggingface, .torch] {
        let path = "\(directory)/\(format.rawValue)"
        var file = path
        if format == .torch {
          try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
          try FileManager.default.copyItem(
            atPath: "\(GoldenModels.folder)/\(name)/config.json", toPath: path + "/config.json")
          file += "/model.pt"
        }
        try model.write(format, to: file)
        let again = try PortableModel(importing: file, GoldenModels.options)
        #expect(again.sizes == model.sizes)
        try expectSameWeights(again, model)
        let names = Set(try StateDict(path: file).arrays.keys)
        var original = Set(try StateDict(path: "\(GoldenModels.folder)/\(name)").arrays.keys)
        if format == .torch { original.insert("lm_head.weight") }
        #expect(names == original)
      }
      // No shape of a weight tells what it is.
      try model.write(.torch, to: directory + "/alone.pt")
      expectFailure(.badData, "config.json") {
        _ = try PortableModel(importing: directory + "/alone.pt", GoldenModels.options)
      }
    }
  }

  /// What a state dict cannot say, a safetensors file of Capstan's does.
  @Test func aSafetensorsFileDescribesItself() throws {
    let model = try GoldenModels.imported("transformer.pt") {
      $0.normalizesEmbeddings = true
      $0.endToken = true
    }
    try GoldenModels.inDirectory { directory in
      let path = directory + "/described.safetensors"
      try model.write(.safetensors, to: path)
      var options = ImportOptions()
      options.tokenizer = GoldenModels.options.tokenizer
      let again = try PortableModel(importing: path, options).description
      #expect(
        again.model as? ClipCapConfiguration == model.sizes
          && again.embeddings == model.description.embeddings)
      #expect(again.normalizesEmbeddings && again.endToken)
    }
  }

  @Test func masksAreForOldReaders() throws {
    let model = try GoldenModels.imported("mlp.pt")
    try GoldenModels.inDirectory { directory in
      try model.write(.torch, to: directory + "/old.pt", includingMasks: true)
      let state = try StateDict(path: directory + "/old.pt")
      let mask = try #require(state.arrays["gpt.transformer.h.1.attn.bias"])
      #expect(mask.shape == [1, 1, 32, 32])
      #expect(mask.integers() == (0..<1024).map { $0 % 32 <= $0 / 32 ? 1 : 0 })
      #expect(state.arrays["gpt.transformer.h.0.attn.masked_bias"]?.floats() == [-1e4])
      try expectSameWeights(PortableModel(importing: directory + "/old.pt", GoldenModels.options), model)
    }
  }

  @Test func theLanguageModelAloneIsHuggingFaces() throws {
    let model = try GoldenModels.imported("transformer.pt")
    try GoldenModels.inDirectory { directory in
      let path = directory + "/gpt2"
      try model.write(.huggingface, to: path)
      let names = Set(try SafetensorsFile(path: path + "/model.safetensors").names)
      #expect(names == Set(try SafetensorsFile(path: GoldenModels.folder + "/gpt2/model.safetensors").names))
      // The directory stands by itself.
      let again = try PortableModel(importing: path, ImportOptions())
      var alone = model.sizes
      (alone.mapper, alone.embeddingWidth) = (nil, 0)
      #expect(again.sizes == alone)
    }
  }

  @Test func nothingIsReplacedUnasked() throws {
    let model = try GoldenModels.imported("mlp.pt")
    try GoldenModels.inDirectory { directory in
      for format in ModelFormat.allCases {
        let path = "\(directory)/\(format)"
        try format.requirePlace(path, replacing: false)
        try model.write(format, to: path)
        expectFailure(.usage, "--force") { try format.requirePlace(path, replacing: false) }
        try format.requirePlace(path, replacing: true)
        try model.write(format, to: path)
      }
      let files = try FileManager.default.contentsOfDirectory(atPath: directory)
      #expect(Set(files) == Set(ModelFormat.allCases.map(\.rawValue)))
    }
  }

  private func expectSameWeights(_ a: PortableModel, _ b: PortableModel) throws {
    let parameters = ClipCap(b.sizes, startToken: 0).parameters
    for parameter in parameters {
      let (x, y) = (try #require(a.weights[parameter]), try #require(b.weights[parameter]))
      #expect(x.bytes == y.bytes && x.element == y.element && x.shape == y.shape, "\(parameter.name)")
    }
  }
}
