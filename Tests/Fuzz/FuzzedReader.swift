import ArgumentParser
import Datasets
import FileFormats
import Foundation
import Models
import Support
import Text

/// The readers of files that other people made, each by the way that the commands take.
enum FuzzedReader: String, CaseIterable, ExpressibleByArgument {
  case safetensors
  /// Pickles, also of ClipCap's data sets, and torch's files in the zip and the legacy form.
  case pickle
  /// Arrays and archives of numpy's.
  case numpy
  /// Captions in tables and Flickr's lines.
  case tables
  /// Captions in JSON.
  case json
  case parquet
  /// Embedding stores in HDF5.
  case store
  /// HDF5 files of others, which HDF5's library reads in a process of its own.
  case hdf5
  /// llama.cpp's models, with their vocabularies.
  case gguf
  /// Hugging Face's tokenizer.json.
  case tokenizer

  /// The sentence by which the reader refuses the file at `path`; nil when it reads it.
  ///
  /// Throws `Failure.runtime` when it fails otherwise.
  func refusal(of path: String) throws -> String? {
    do {
      try read(path)
      return nil
    } catch let failure as Failure where failure.kind != .runtime {
      let sentence = failure.description
      guard !sentence.contains(where: \.isNewline), sentence.hasSuffix("."), sentence.count < 1100 else {
        throw Failure.runtime("This is not one sentence: \(sentence)")
      }
      return sentence
    } catch {
      throw Failure.runtime("A reader failed with \(error).")
    }
  }

  /// Reads the file and whatever it holds. Throws a `Failure` where the reader refuses it.
  private func read(_ path: String) throws {
    switch self {
    case .safetensors:
      let file = try SafetensorsFile(path: path)
      for name in file.names where try file.elementType(of: name).isFloatingPoint {
        _ = try file.floats(of: name)
      }
    case .pickle:
      Self.visitTensors(of: try TorchFile.read(path), levels: 3)
      if let state = try? StateDict(path: path) { for array in state.arrays.values { _ = array.floats() } }
      try importData(path)
    case .numpy:
      let bytes = try Data(mapping: path)
      if NumpyArray.recognizes(bytes) {
        Self.visit(try NumpyArray(bytes, name: path))
      } else {
        let archive = try NumpyArchive(bytes, name: path)
        for name in archive.names { try archive.array(named: name).map(Self.visit) }
      }
      try importData(path)
    case .tables, .json:
      // What names no images may still be learned from.
      do { _ = try CaptionTexts.read(path, split: "train") } catch is Failure {}
      do { _ = try PredictedCaptions(path: path) } catch is Failure {}
      try importData(Self.embeddings, captions: path)
    case .parquet:
      let file = try ParquetFile(path: path)
      for column in file.columns { _ = try file.rows(of: column) }
    case .store: try importData(path)
    case .hdf5:
      guard HDF5File.isHDF5(path) else { return try importData(path) }
      let file = try ForeignHDF5(path: path, program: Self.capstan)
      _ = (file.table, file.advice)
      try importData(path, hdf5Program: Self.capstan)
    case .gguf:
      let file = try GGUFFile(path: path)
      // Either may be read where the other is damaged.
      do { _ = try BPETokenizer(file).encode(Self.nastyText) } catch is Failure {}
      if file.metadata["general.architecture"]?.string == "llama" {
        do { _ = try PretrainedLanguageModel(path).stateDict() } catch is Failure {}
      }
      for name in file.names { _ = try file.array(name).floats() }
    case .tokenizer:
      let tokenizer = try TokenizerDirectory.open(tokenizerJSON: path)
      for special in [SpecialTokens.parse, .plain] {
        let ids = tokenizer.encode(Self.nastyText, specialTokens: special)
        _ = tokenizer.decode(ids + [-1, tokenizer.endOfText])
      }
    }
  }

  /// The endings of its files.
  private var endings: [String] {
    switch self {
    case .safetensors: ["safetensors"]
    case .pickle: ["pkl", "pt"]
    case .numpy: ["npy", "npz"]
    case .tables: ["csv", "tsv", "txt"]
    case .json: ["json", "jsonl"]
    case .parquet: ["parquet"]
    case .store, .hdf5: ["h5"]
    case .gguf: ["gguf"]
    case .tokenizer: []
    }
  }

  /// The reader of the file at `path`, by its ending.
  init?(forFileAt path: String) {
    if path.hasSuffix("/tokenizer.json") {
      self = .tokenizer
      return
    }
    let ending = URL(fileURLWithPath: path).pathExtension
    guard let reader = Self.allCases.first(where: { $0.endings.contains(ending) }) else { return nil }
    self = reader
  }

  /// The files whose damaged copies are read.
  var corpus: [String] {
    let folders =
      switch self {
      case .safetensors: ["FileFormatsTests/Golden/Safetensors"]
      case .pickle, .numpy:
        [
          "FileFormatsTests/Golden/Formats", "FileFormatsTests/Golden/Checkpoints",
          "DatasetsTests/Golden/Import",
        ]
      case .tables, .json: ["Fuzz/Corpus"]
      case .parquet: ["FileFormatsTests/Golden/Parquet"]
      case .store: ["DatasetsTests/Golden/Stores"]
      case .hdf5: ["DatasetsTests/Golden/HDF5"]
      case .gguf: ["FileFormatsTests/Golden/GGUF", "InterchangeTests/Golden"]
      case .tokenizer:
        ["json", "words", "modern/gpt2", "modern/digits", "modern/llama3", "modern/qwen2"].map {
          "TextTests/Golden/\($0)"
        }
      }
    return (folders + ["FuzzTests/Hostile"]).flatMap { folder in
      let files = (try? FileManager.default.contentsOfDirectory(atPath: "\(Self.tests)/\(folder)")) ?? []
      return files.sorted().map { "\(Self.tests)/\(folder)/\($0)" }
    }.filter { FuzzedReader(forFileAt: $0).map { $0 == self || $0.endings == endings } ?? false }
  }

  private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().path
  /// For each step of a tokenizer something to do.
  private static let nastyText =
    "a dog <img>'S we'll \u{1100}\u{1161} cafe\u{301}  12345 ٣ \r\n\t !?\n<|im_end|><tool> photograph\0 \u{10FFFF}"
  /// Embeddings of the images whose captions the corpus has.
  private static let embeddings = tests + "/DatasetsTests/Golden/Import/unit.npz"

  /// Beside this program.
  private static let capstan = URL(fileURLWithPath: HDF5Child.thisProgram).deletingLastPathComponent()
    .appending(path: "capstan").path

  private func importData(_ path: String, captions: String? = nil, hdf5Program: String? = nil) throws {
    var request = ImportRequest(input: path)
    request.captions = captions
    request.hdf5Program = hdf5Program
    request.encoder = self == .store ? nil : "test"
    _ = try request.contents()
  }

  private static func visit(_ array: NumpyArray) {
    if case .numbers(let numbers) = array { _ = (numbers.floats(), numbers.integers()) }
  }

  private static func visitTensors(of value: PickleValue, levels: Int) {
    guard levels > 0 else { return }
    switch value {
    case .tensor(let tensor): _ = tensor.array.floats()
    case .dictionary(let pairs): for pair in pairs { visitTensors(of: pair.value, levels: levels - 1) }
    case .list(let elements), .tuple(let elements):
      for element in elements { visitTensors(of: element, levels: levels - 1) }
    default: break
    }
  }
}
