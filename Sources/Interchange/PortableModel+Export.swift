import Autograd
import FileFormats
import Foundation
import Models
import Runs
import Support
import Text
import Training

/// What a model can be written as.
public enum ModelFormat: String, CaseIterable, Sendable {
  /// A directory of Capstan's: `model.json`, `model.safetensors` and the vocabulary.
  case model
  /// A state dict that `torch.load(weights_only=True)` and ClipCap's `load_state_dict` take.
  case torch
  /// One safetensors file under the same names, the tied head left out as Hugging Face does.
  case safetensors
  /// The language model alone, as a directory that `AutoModelForCausalLM.from_pretrained` takes.
  case huggingface

  /// What a path's name says; nil: nothing.
  public init?(ofPath path: String) {
    switch URL(fileURLWithPath: path).pathExtension {
    case "pt", "pth", "bin": self = .torch
    case "safetensors": self = .safetensors
    case "": self = .model
    default: return nil
    }
  }

  /// Throws `Failure.usage` where a model cannot be written in this format, or something is there that is not to be
  /// replaced.
  public func requirePlace(_ path: String, replacing: Bool) throws {
    switch self {
    case .model, .huggingface:
      let names = Set(
        ["config.json", ModelDescriptionFile.name, "model.safetensors"] + TokenizerDirectory.fileNames)
      try OutputPlace.requireDirectory(path, replacing: replacing, holdingOnly: names.contains)
    case .torch, .safetensors: try OutputPlace.requireFile(path, replacing: replacing)
    }
  }
}

extension PortableModel {
  /// Writes the model, complete or not at all, in place of what is there.
  ///
  /// - Parameter includingMasks: in a state dict: whether GPT-2's blocks have their constant masks too, without which
  ///   transformers before 4.30 refuse it when they are strict.
  /// - Throws: `Failure` when it cannot be written.
  public func write(_ format: ModelFormat, to path: String, includingMasks: Bool = false) throws {
    switch format {
    case .model:
      try DurableFile.writeDirectory(to: path) { directory in
        if description.embeddings != nil {
          try ModelDescriptionFile.write(description, to: directory)
        }
        try writeHuggingFace(entries(of: model.parameters), to: directory)
      }
    case .huggingface:
      try DurableFile.writeDirectory(to: path) { directory in
        try writeHuggingFace(
          entries(of: model.languageModel.parameters) { $0.droppingPrefix("gpt.") }, to: directory)
      }
    case .safetensors:
      try DurableFile.write(to: path) { temporary in
        try SafetensorsFile.write(
          entries(of: model.parameters), metadata: description.metadata().merging(["format": "pt"]) { $1 },
          to: temporary)
      }
    case .torch:
      let prefix = sizes.mapper == nil ? "" : "gpt."
      let languageModel = model.languageModel
      let isTied = languageModel.head.weight === languageModel.tokens
      try TorchFile.write(
        entries(of: model.parameters)
          + (includingMasks ? sizes.languageModel.legacyBuffers(prefix: prefix) : []),
        aliases: isTied ? ["\(prefix)lm_head.weight": languageModel.tokens.name] : [:], to: path)
    }
  }

  /// The language model's configuration, weights and vocabulary.
  private func writeHuggingFace(_ entries: [ArrayEntry], to directory: String) throws {
    try sizes.languageModel.writeConfigJSON(
      to: directory + "/config.json", endOfText: Int(tokenizer.endOfText))
    if sizes.languageModel.takesGPT2Vocabulary {
      try tokenizer.save(to: directory)
    } else {
      try tokenizer.saveJSON(to: directory)
    }
    try SafetensorsFile.write(entries, metadata: ["format": "pt"], to: directory + "/model.safetensors")
  }
}

extension String {
  fileprivate func droppingPrefix(_ prefix: String) -> String {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self
  }
}
