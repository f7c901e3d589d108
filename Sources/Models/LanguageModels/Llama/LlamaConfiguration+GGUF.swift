import Autograd
import FileFormats
import Support

/// Llama, Qwen2 and Qwen3 as llama.cpp stores them.
extension LlamaConfiguration {
  public init?(_ file: GGUFFile) throws {
    guard let architecture = file.metadata["general.architecture"]?.string,
      let variant = Variant(rawValue: architecture)
    else { return nil }
    func value(_ key: String) -> GGUFValue? { file.metadata["\(architecture).\(key)"] }
    func integer(_ key: String) throws -> Int {
      guard let integer = value(key)?.integer else {
        throw Failure.badData(
          "\(file.path) has no number \(architecture).\(key), which a \(variant.name) needs; convert the model again."
        )
      }
      return integer
    }
    let (width, heads) = (try integer("embedding_length"), try integer("attention.head_count"))
    let headWidth = value("attention.key_length")?.integer ?? (heads > 0 ? width / heads : 0)
    guard value("rope.dimension_count")?.integer ?? headWidth == headWidth else {
      throw Failure.badData(
        "\(file.path) turns \(try integer("rope.dimension_count")) of the \(headWidth) elements of a head by their positions, "
          + "but Capstan turns all; use such a model.")
    }
    let scaling: RotaryScaling?
    switch value("rope.scaling.type")?.string ?? "none" {
    case "none": scaling = nil
    case "linear": scaling = value("rope.scaling.factor")?.number.map { .linear(factor: $0) }
    case let other:
      throw Failure.badData(
        "\(file.path) scales rotary positions as \(other.printableLine(longest: 40)), but of GGUF files Capstan reads none and "
          + "linear; use the model's Hugging Face directory.")
    }
    let biases = file.names.filter { $0.hasPrefix("blk.0.") && $0.hasSuffix(".bias") }
    self.init(
      variant: variant, vocabularySize: try file.shape(of: "token_embd.weight")[0], width: width,
      innerWidth: try integer("feed_forward_length"), layers: try integer("block_count"), heads: heads,
      keyHeads: value("attention.head_count_kv")?.integer ?? heads, headWidth: headWidth,
      contextLength: try integer("context_length"),
      normEpsilon: value("attention.layer_norm_rms_epsilon")?.number.map(Self.decimal) ?? 1e-5,
      rotaryBase: value("rope.freq_base")?.number ?? 10_000, rotaryScaling: scaling,
      tiesHead: !file.names.contains("output.weight"),
      hasAttentionBias: variant != .qwen2 && biases.contains { $0.contains("attn_q.") },
      hasFeedForwardBias: biases.contains { $0.contains("ffn_gate.") })
    try validate(source: file.path)
  }

  /// The number that a single-precision one was written as: 1e-05 and not 9.999999747378752e-06.
  private static func decimal(_ number: Double) -> Double { Double("\(Float(number))") ?? number }

  public func arrays(of file: GGUFFile) throws -> [String: StoredArray] {
    var arrays: [String: StoredArray] = [:]
    for name in file.names {
      guard let (own, heads) = huggingFaceName(name) else {
        throw Failure.badData(
          "\(file.path) has the tensor \(name.printableLine(longest: 80)), which Capstan's \(self.name) has not; use the model's "
            + "Hugging Face directory.")
      }
      let array = try file.array(name)
      arrays[own] = variant == .llama ? heads.map { array.withHalves(ofHeads: $0) } ?? array : array
    }
    return arrays
  }

  private static let outside = [
    "token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
  ]
  private static let inBlocks = [
    "attn_norm": "input_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj", "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm", "ffn_norm": "post_attention_layernorm", "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
  ]

  /// A tensor's name in Hugging Face's state dict; and of queries and keys their heads, whose rows stand in another order.
  private func huggingFaceName(_ name: String) -> (name: String, heads: Int?)? {
    if let name = Self.outside[name] { return (name, nil) }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 4, parts[0] == "blk", let layer = Int(parts[1]),
      ["weight", "bias"].contains(parts[3]),
      let module = Self.inBlocks[parts[2]]
    else { return nil }
    return (
      "model.layers.\(layer).\(module).\(parts[3])",
      parts[2] == "attn_q" ? heads : parts[2] == "attn_k" ? keyHeads : nil
    )
  }
}

extension StoredArray {
  /// The rows of each head in the order in which Hugging Face's Llama turns them, first elements of all pairs before the
  /// second ones. llama.cpp has the two of a pair side by side.
  fileprivate func withHalves(ofHeads heads: Int) -> StoredArray {
    let rowBytes = bytes.count / shape[0]
    let half = shape[0] / heads / 2
    guard shape[0] == 2 * half * heads else { return self }
    var rows = bytes
    rows.removeAll(keepingCapacity: true)
    for head in 0..<heads {
      for second in 0..<2 {
        for pair in 0..<half {
          let start = bytes.startIndex + (2 * (head * half + pair) + second) * rowBytes
          rows.append(bytes[start..<start + rowBytes])
        }
      }
    }
    return StoredArray(shape: shape, element: element, bytes: rows)
  }
}
