/// Where a weight belongs, read off its name in a state dict of ClipCap, of Hugging Face, or of a program around them.
///
/// ClipCap's names are `clip_project.…` and `gpt.transformer.…`, GPT-2's are `transformer.…` and, without a head,
/// bare. DistributedDataParallel puts `module.` before them, `torch.compile` `_orig_mod.`, and Lightning's modules
/// commonly `model.`.
enum WeightName: Hashable, CustomStringConvertible {
  /// With `clip_project.` before it.
  case mapper(String)
  /// As within GPT-2's transformer: `wte.weight`, `h.0.ln_1.weight`.
  case languageModel(String)
  /// The head, which is tied to the token table.
  case head
  /// The constant causal mask, or what it masks with, that GPT-2's blocks have in files of old transformers.
  case mask
  /// Of no ClipCap: of another family, or of none.
  case unknown(String)

  static let tokens = languageModel("wte.weight")

  private static let wrappers = ["module.", "_orig_mod.", "model."]

  init(_ name: String) {
    var name = Substring(name)
    while let wrapper = Self.wrappers.first(where: { name.hasPrefix($0) }) { name.removeFirst(wrapper.count) }
    guard !name.hasPrefix("clip_project.") else {
      self = .mapper(String(name))
      return
    }
    for part in ["gpt.", "transformer."] where name.hasPrefix(part) { name.removeFirst(part.count) }
    let isBlocks = name.hasPrefix("h.")
    if name == "lm_head.weight" {
      self = .head
    } else if isBlocks, name.hasSuffix(".attn.bias") || name.hasSuffix(".attn.masked_bias") {
      self = .mask
    } else if isBlocks || ["wte.", "wpe.", "ln_f."].contains(where: { name.hasPrefix($0) }) {
      self = .languageModel(String(name))
    } else {
      self = .unknown(String(name))
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
  var isLanguageModel: Bool { if case .languageModel = self { true } else { false } }

  var description: String {
    switch self {
    case .mapper(let name), .languageModel(let name), .unknown(let name): name
    case .head: "lm_head.weight"
    case .mask: "attn.bias"
    }
  }
}
