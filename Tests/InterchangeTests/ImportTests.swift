import FileFormats
import Foundation
import Interchange
import Models
import Support
import Tensors
import Testing
import Training

@testable import Runs

/// Every flavour of files that PyTorch, transformers and ClipCap write.
@Suite struct ImportTests {
  private static let mlp = MapperConfiguration.mlp(prefixLength: 4)
  private static let transformer = MapperConfiguration.transformer(
    prefixLength: 4, clipLength: 3, layers: 2, heads: 2)

  /// Files, what their shapes tell, and whose logits they have.
  static let captioners: [(file: String, mapper: MapperConfiguration, expected: String)] = [
    ("mlp.pt", mlp, "mlp"), ("mlp-legacy.pt", mlp, "mlp"), ("mlp-distributed.pt", mlp, "mlp"),
    ("mlp-lightning.pt", mlp, "mlp"), ("mlp.safetensors", mlp, "mlp"), ("mlp-half.pt", mlp, "mlp-half"),
    ("mlp-bfloat16.pt", mlp, "mlp-bfloat16"), ("linear.pt", .linear(prefixLength: 11), "linear"),
    ("transformer.pt", transformer, "transformer"), ("mapper.pt", transformer, "transformer"),
  ]

  @Test(arguments: captioners)
  func captionersSayWhatPyTorchSays(file: String, mapper: MapperConfiguration, expected: String) throws {
    let model = try GoldenModels.imported(file) {
      if file == "mapper.pt" { $0.languageModel = GoldenModels.folder + "/gpt2" }
    }
    let sizes = model.sizes
    #expect(sizes.mapper == mapper && sizes.embeddingWidth == 12)
    #expect(
      sizes.languageModel as? GPT2Configuration
        == GPT2Configuration(vocabularySize: 257, positions: 32, width: 16, layers: 2, heads: 2))
    try expectLogits(of: model, "\(expected)/logits")
  }

  @Test(arguments: ["gpt2", "gpt2-sharded", "gpt2-bin", "gpt2-bin-sharded", "gpt2/model.safetensors"])
  func languageModelsSayWhatPyTorchSays(path: String) throws {
    // The heads are in config.json.
    let model = try GoldenModels.imported(path) { $0.heads = nil }
    #expect(model.sizes.mapper == nil && model.description.embeddings == nil)
    try expectLogits(of: model, "language-model/logits")
  }

  @Test(arguments: ["llama", "qwen2", "qwen3"])
  func modernLanguageModelsSayWhatTransformersSays(name: String) throws {
    let model = try GoldenModels.imported(name) { $0.heads = nil }
    #expect(model.sizes.languageModel.modelType == name)
    #expect((model.sizes.languageModel as? LlamaConfiguration)?.tiesHead == (name != "qwen2"))
    try expectLogits(of: model, "\(name)/logits", in: "language-models")
  }

  /// With the vocabulary that the file carries, and as a run's start reads it.
  @Test func aGGUFFileSaysWhatTransformersSays() throws {
    let path = GoldenModels.folder + "/llama.gguf"
    let model = try PortableModel(importing: path, ImportOptions())
    #expect(model.sizes.vocabularySize == 257 && model.sizes.languageModel.name == "Llama")
    try expectLogits(of: model, "llama.gguf/logits", in: "language-models")
    let stored = try StoredModel(path)
    #expect(stored.description.model as? ClipCapConfiguration == model.sizes)
    #expect(try stored.tokenizer().fingerprint == model.tokenizer.fingerprint)
  }

  /// Within 1e-5 of the largest logit, after a way through a model directory.
  private func expectLogits(
    of model: PortableModel, _ name: String, in file: String = "expected"
  ) throws {
    let backend = try Backend(threads: 2, precision: .float32)
    let expected = try GoldenModels.expected(name, in: file)
    try GoldenModels.inDirectory { directory in
      try model.write(.model, to: directory + "/model")
      let trained = try LoadedModel(path: directory + "/model", on: backend)
      let logits = try GoldenModels.logits(trained.model, on: backend)
      try #require(logits.count == expected.count)
      let largest = expected.map(abs).max() ?? 0
      let difference = zip(logits, expected).map { abs($0 - $1) }.max() ?? .infinity
      #expect(difference <= 1e-5 * max(1, largest), "\(difference) of \(largest)")
    }
  }

  /// `mlp.safetensors` once for each of some renamings, all numbers multiplied by its factor.
  private static func renamed(
    _ renamings: [(rename: (String) -> String, factor: Float)], counting count: String? = nil,
    _ change: (inout ImportOptions) -> Void = { _ in }
  ) throws -> PortableModel {
    let file = try SafetensorsFile(path: GoldenModels.folder + "/mlp.safetensors")
    var entries = try renamings.flatMap { renaming in
      try file.names.map { name in
        ArrayEntry(
          name: renaming.rename(name), shape: try file.shape(of: name),
          floats: try file.floats(of: name).map { $0 * renaming.factor })
      }
    }
    if let count { entries.append(ArrayEntry(name: count, shape: [], floats: [7])) }
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).safetensors").path
    try SafetensorsFile.write(entries, to: path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    var options = GoldenModels.options
    change(&options)
    return try PortableModel(importing: path, options)
  }

  /// One for all names, one with a wrapper, one for each part.
  @Test(arguments: 0..<3) func prefixesAreSeenThrough(kind: Int) throws {
    let model = try Self.renamed([
      (
        { name in
          [
            "clipcap.\(name)", "net.module.\(name)",
            name.hasPrefix("gpt.") ? "lm.\(name.dropFirst(4))" : "mapper.\(name)",
          ][kind]
        }, 1
      )
    ])
    try expectLogits(of: model, "mlp/logits")
  }

  /// A moving average in the same state dict is left, and taken when it is asked for or alone.
  @Test func movingAveragesByTheirPrefix() throws {
    let both: [((String) -> String, Float)] = [({ "model.\($0)" }, 1), ({ "ema_model.\($0)" }, 0.5)]
    let model = try Self.renamed(both, counting: "n_averaged")
    #expect(model.weights.passedOver == ["n_averaged", "ema_model"])
    try expectLogits(of: model, "mlp/logits")
    let average = try Self.renamed(both, counting: "n_averaged") { $0.weights = "ema_model" }
    #expect(average.weights.key == "ema_model" && average.weights.passedOver == ["model", "n_averaged"])
    let parameter = try #require(ClipCap(model.sizes, startToken: 0).parameters.first)
    #expect(average.weights[parameter]?.floats() == model.weights[parameter]?.floats().map { $0 / 2 })
    try expectLogits(of: Self.renamed([({ "ema_model.\($0)" }, 1)]), "mlp/logits")
  }

  @Test func whichOfTwoModelsMustBeSaid() throws {
    let both: [((String) -> String, Float)] = [({ "student.\($0)" }, 0.5), ({ "teacher.\($0)" }, 1)]
    expectFailure(.badData, "twice, as student.", "as teacher.", "--weights") { _ = try Self.renamed(both) }
    try expectLogits(of: Self.renamed(both) { $0.weights = "teacher" }, "mlp/logits")
    expectFailure(.usage, "no weights under master, but student, teacher") {
      _ = try Self.renamed(both) { $0.weights = "master" }
    }
  }

  /// What `model.clip_project.state_dict()` has, with its language model from elsewhere.
  @Test(arguments: ["", "module.", "mapper."], ["mlp", "transformer", "linear"])
  func aMappingNetworkSavedAlone(prefix: String, kind: String) throws {
    let whole = try GoldenModels.imported("\(kind).pt")
    try GoldenModels.inDirectory { directory in
      try whole.write(.huggingface, to: directory + "/gpt2")
      let path = directory + "/mapper.safetensors"
      let parameters = ClipCap(whole.sizes, startToken: 0).parameters
      let mapper = parameters.compactMap { parameter -> ArrayEntry? in
        let name = parameter.name
        guard name.hasPrefix("clip_project."), let array = whole.weights[parameter] else { return nil }
        return ArrayEntry(
          name: prefix + name.dropFirst("clip_project.".count), shape: array.shape, floats: array.floats())
      }
      try SafetensorsFile.write(mapper, to: path)
      var options = GoldenModels.options
      expectFailure(.usage, "mapping network alone", "--language-model") {
        _ = try PortableModel(importing: path, options)
      }
      options.languageModel = directory + "/gpt2"
      try expectLogits(of: PortableModel(importing: path, options), "\(kind)/logits")
    }
  }

  @Test func itSaysWhatItHasFound() throws {
    let old = ModelSummary(try GoldenModels.imported("mlp-distributed.pt"))
    #expect(old.droppedMasks == 4 && old.droppedHead && old.elementTypes == ["float32"])
    #expect(old.mapper == "mlp" && old.prefixLength == 4)
    #expect(old.mapperParameters == 12 * 32 + 32 + 32 * 64 + 64)
    let text = ModelSummary(try GoldenModels.imported("mlp-half.pt")).description
    for words in [
      "an MLP with a prefix of 4", "toy, width 12, not normalized", "2 layers, width 16, 2 heads", "float16",
    ] {
      #expect(text.contains(words), "\(text)")
    }
  }

  @Test func whatFilesDoNotTellMustBeGiven() throws {
    expectFailure(.usage, "--encoder") { _ = try GoldenModels.imported("mlp.pt") { $0.encoder = nil } }
    expectFailure(.usage, "width 12", "ViT-B/32 have 512") {
      _ = try GoldenModels.imported("mlp.pt") { $0.encoder = "ViT-B/32" }
    }
    expectFailure(.usage, "vocab.json", "--tokenizer") {
      _ = try GoldenModels.imported("mlp.pt") { $0.tokenizer = nil }
    }
    expectFailure(.usage, "width 16", "--heads") {
      _ = try GoldenModels.imported("mlp.pt") { $0.heads = nil }
    }
    expectFailure(.usage, "3 heads do not divide", "--heads") {
      _ = try GoldenModels.imported("mlp.pt") { $0.heads = 3 }
    }
    expectFailure(.usage, "no shape tells", "--mapper-heads") {
      _ = try GoldenModels.imported("transformer.pt") { $0.mapperHeads = nil }
    }
    expectFailure(.usage, "3 heads do not divide", "--mapper-heads") {
      _ = try GoldenModels.imported("transformer.pt") { $0.mapperHeads = 3 }
    }
    expectFailure(.usage, "mapping network alone", "--language-model") {
      _ = try GoldenModels.imported("mapper.pt")
    }
    expectFailure(.usage, "both have a language model") {
      _ = try GoldenModels.imported("mlp.pt") { $0.languageModel = GoldenModels.folder + "/gpt2" }
    }
  }

  @Test func whatIsNoWholeModelIsRefused() throws {
    try GoldenModels.inDirectory { directory in
      func refuse(
        _ words: String..., changing change: (inout [String: (shape: [Int], values: [Float])]) -> Void
      ) throws {
        let file = try SafetensorsFile(path: GoldenModels.folder + "/mlp.safetensors")
        var tensors: [String: (shape: [Int], values: [Float])] = [:]
        for name in file.names { tensors[name] = (try file.shape(of: name), try file.floats(of: name)) }
        change(&tensors)
        let path = directory + "/changed.safetensors"
        try SafetensorsFile.write(
          tensors.sorted { $0.key < $1.key }.map {
            ArrayEntry(name: $0.key, shape: $0.value.shape, floats: $0.value.values)
          }, to: path)
        do {
          _ = try PortableModel(importing: path, GoldenModels.options)
          Issue.record("\(words) was not refused")
        } catch let failure as Failure {
          for word in words { #expect(failure.description.contains(word), "\(failure)") }
        }
      }
      try refuse("visual.proj", "no ClipCap or language model has") { $0["visual.proj"] = ([1, 1], [1]) }
      try refuse("h.1.ln_2.bias") { $0["gpt.transformer.h.1.ln_2.bias"] = nil }
      try refuse("[0, 1, 7]", "count up") {
        $0["gpt.transformer.h.7.ln_2.bias"] = ([16], [Float](repeating: 0, count: 16))
      }
      try refuse("wte.weight") { $0["gpt.transformer.wte.weight"] = nil }
      try refuse("head", "tied") {
        $0["gpt.lm_head.weight"] = ([257, 16], [Float](repeating: 1, count: 257 * 16))
      }
      try refuse("nan", "ln_f.bias", "value 3") { $0["gpt.transformer.ln_f.bias"]?.values[3] = .nan }
      try refuse("twice", "--weights") {
        $0["module.gpt.transformer.ln_f.bias"] = $0["gpt.transformer.ln_f.bias"]
      }
      try refuse("no multiple of the language model's width") {
        $0["clip_project.model.2.weight"] = ([63, 32], [Float](repeating: 0, count: 63 * 32))
      }
      try refuse("c_attn.weight of shape [48, 16]") {
        $0["gpt.transformer.h.0.attn.c_attn.weight"]?.shape = [48, 16]
      }
      try refuse("clip_project.model.4.weight", "does not have") {
        $0["clip_project.model.4.weight"] = ([1, 1], [1])
      }
    }
  }
}
