/// Where a weight belongs, read off its name in a state dict of ClipCap, of Hugging Face, or of a program around them.
///
/// ClipCap's names are `clip_project.…` and `gpt.transformer.…`, a language model's are `transformer.…` or `model.…` and,
/// without a head, bare. DistributedDataParallel puts `module.` before them, `torch.compile` `_orig_mod.`, and Lightning's modules
/// commonly `model.`.
enum WeightName: Hashable, CustomStringConvertible {
  /// With `clip_project.` before it.
  case mapper(String)
  /// The table of a language model's tokens: `wte.weight`, `embed_tokens.weight`.
  case tokens
  /// As within the language model: `h.0.ln_1.weight`, `layers.0.input_layernorm.weight`.
  case languageModel(String)
  /// What makes logits: the token table itself or a matrix of its own.
  case head
  /// A constant that old versions of transformers stored with a language model, such as its causal masks.
  case constant
  /// Of no ClipCap: of another family, or of none.
  case unknown(String)

  private static let wrappers = ["module.", "_orig_mod.", "model."]

  init(_ name: String) {
    var name = Substring(name)
    while let wrapper = Self.wrappers.first(where: { name.hasPrefix($0) }) { name.removeFirst(wrapper.count) }
    guard !name.hasPrefix("clip_project.") else {
      self = .mapper(String(name))
      return
    }
    for part in ["gpt.", "transformer.", "model."] where name.hasPrefix(part) { name.removeFirst(part.count) }
    if name == "lm_head.weight" {
      self = .head
    } else if LanguageModelFamilies.tokenTables.contains(String(name)) {
      self = .tokens
    } else {
      switch LanguageModelFamilies.role(ofWeight: name) {
      case .weight: self = .languageModel(String(name))
      case .constant: self = .constant
      case nil: self = .unknown(String(name))
      }
    }
  }

  /// A name as a mapping network has it by itself; nil where it has no such name.
  init?(ofMapperAlone name: String) {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    let isParameter = ["weight", "bias"].contains(parts.last)
    switch parts.first {
    case "model" where isParameter && parts.count == 3 && Int(parts[1]) != nil,
      "linear" where isParameter && parts.count == 2,
      "weight" where parts.count == 1, "bias" where parts.count == 1, "prefix_const" where parts.count == 1,
      "transformer" where isParameter && parts.dropFirst().first == "layers":
      self = .mapper("clip_project.\(name)")
    default: return nil
    }
  }

  var isKnown: Bool { if case .unknown = self { false } else { true } }
  var isMapper: Bool { if case .mapper = self { true } else { false } }
  var isLanguageModel: Bool {
    switch self {
    case .tokens, .languageModel, .head: true
    case .mapper, .constant, .unknown: false
    }
  }

  var description: String {
    switch self {
    case .mapper(let name), .languageModel(let name), .unknown(let name): name
    case .tokens: LanguageModelFamilies.tokenTables.joined(separator: " or ")
    case .head: "lm_head.weight"
    case .constant: "constant"
    }
  }
}
