/// What is done to a text before and after the merges, in the words of Hugging Face's `tokenizer.json`.
// swift-format-ignore: AlwaysUseLowerCamelCase
struct ByteLevelSteps: Codable {
  struct Step: Codable {
    var type: String?
    var add_prefix_space: Bool?
    var trim_offsets: Bool?
    var use_regex: Bool?
    var individual_digits: Bool?
    var pattern: Pattern?
    var behavior: String?
    var invert: Bool?
    var normalizers: [Step]?
    var pretokenizers: [Step]?
    var processors: [Step]?
    var single: [Piece]?
    var pair: [Piece]?
    var special_tokens: [String: SpecialToken]?

    /// The steps of a sequence, or the step itself.
    var all: [Step] {
      type == "Sequence" ? (normalizers ?? pretokenizers ?? processors ?? []).flatMap(\.all) : [self]
    }
    var name: String { type ?? "without a type" }

    static func byteLevel(usesPattern: Bool = true, trimsOffsets: Bool = true) -> Step {
      Step(
        type: "ByteLevel", add_prefix_space: false, trim_offsets: trimsOffsets, use_regex: usesPattern)
    }
  }

  struct Pattern: Codable {
    var Regex: String?
    var String: String?
  }

  /// Of a template: a text, or a token beside it.
  struct Piece: Codable {
    struct Name: Codable {
      let id: String
      var type_id: Int? = 0
    }
    var SpecialToken: Name?
    var Sequence: Name?
  }

  /// What a template calls by a name.
  struct SpecialToken: Codable {
    let id: String
    let ids: [Int32]
    let tokens: [String]
  }

  var normalizer: Step?
  var pre_tokenizer: Step?
  var post_processor: Step?
  var decoder: Step?
}

// MARK: - Read

extension ByteLevelSteps {
  static let whatIsRead =
    "Capstan reads byte-level BPE as of GPT-2, Llama 3, Qwen2 and SmolLM2: the pre-tokenizer ByteLevel by itself or behind "
    + "Digits or a Split by one of their patterns, and no normalizer or NFC"

  /// The rules, without those of the model; or what there is that Capstan does not read.
  func rules() -> (rules: BPERules?, oddity: String?) {
    let before = pre_tokenizer?.all ?? []
    let normal = normalizer?.all ?? []
    let kind = PreTokenizer.allCases.first { $0.isWritten(as: before) }
    let oddities: [String?] = [
      normal.first { $0.type != "NFC" }.map { "the normalizer \($0.name)" },
      kind == nil ? Self.oddity(of: before) : nil,
      (post_processor?.all ?? []).first { !["ByteLevel", "TemplateProcessing"].contains($0.type) }.map {
        "the post-processor \($0.name)"
      },
      decoder.flatMap { $0.type == "ByteLevel" ? nil : "the decoder \($0.name)" },
    ]
    let rules = kind.map { BPERules(preTokenizer: $0, composes: !normal.isEmpty) }
    return (rules, oddities.compactMap(\.self).first)
  }

  /// What is otherwise in pre-tokenizers that are not read.
  private static func oddity(of steps: [Step]) -> String {
    for step in steps {
      switch step.type {
      case "ByteLevel" where step.add_prefix_space == true:
        return "add_prefix_space, a space before each text"
      case "Digits" where step.individual_digits != true:
        return "the pre-tokenizer Digits without individual_digits"
      case "Split" where step.behavior != "Isolated" || step.invert == true:
        return "the pre-tokenizer Split with another behaviour than Isolated"
      case "Split" where !PreTokenizer.allCases.compactMap(\.pattern).contains(step.pattern?.Regex ?? ""):
        let pattern = step.pattern?.Regex ?? step.pattern?.String ?? ""
        return "the pre-tokenizer Split by the pattern \(pattern.prefix(300))"
      case "ByteLevel", "Digits", "Split": continue
      default: return "the pre-tokenizer \(step.name)"
      }
    }
    guard let last = steps.last else { return "no pre-tokenizer" }
    if last.type != "ByteLevel" { return "the pre-tokenizer \(last.name) without ByteLevel behind it" }
    return steps.count == 1
      ? "a ByteLevel pre-tokenizer without use_regex"
      : "several pre-tokenizers, \(steps.map(\.name).joined(separator: ", ").prefix(200)), together in another way"
  }

  /// The tokens that the post-processor puts around a text.
  /// - Returns: nil when it has a token that `ids` does not.
  func template(_ ids: [String: Int]) -> TextTemplate? {
    let templates = (post_processor?.all ?? []).filter { $0.type == "TemplateProcessing" }
    var template = TextTemplate()
    var isBehind = false
    for piece in templates.first?.single ?? [] {
      guard let name = piece.SpecialToken?.id else {
        isBehind = true
        continue
      }
      guard let id = ids[name].flatMap(Int32.init(exactly:)) else { return nil }
      isBehind ? template.after.append(id) : template.before.append(id)
    }
    return template
  }
}

extension PreTokenizer {
  /// By which `Split` cuts.
  var pattern: String? {
    switch self {
    case .gpt2, .digits: nil
    case .llama3: Self.pattern(digits: #"\p{N}{1,3}"#)
    case .qwen2: Self.pattern(digits: #"\p{N}"#)
    }
  }

  private static func pattern(digits: String) -> String {
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"# + digits
      + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  }

  /// Whether a file's steps do what this does.
  fileprivate func isWritten(as steps: [ByteLevelSteps.Step]) -> Bool {
    let own = self.steps
    return steps.count == own.count
      && zip(steps, own).allSatisfy { step, own in
        step.type == own.type && (step.add_prefix_space ?? false) == (own.add_prefix_space ?? false)
          && (step.use_regex ?? true) == (own.use_regex ?? true)
          && (step.individual_digits ?? false) == (own.individual_digits ?? false)
          && step.pattern?.Regex == own.pattern?.Regex && step.behavior == own.behavior
          && (step.invert ?? false) == (own.invert ?? false)
      }
  }

  /// As a file has them.
  fileprivate var steps: [ByteLevelSteps.Step] {
    switch self {
    case .gpt2: [.byteLevel()]
    case .digits: [.init(type: "Digits", individual_digits: true), .byteLevel()]
    case .llama3, .qwen2:
      [
        .init(type: "Split", pattern: .init(Regex: pattern), behavior: "Isolated", invert: false),
        .byteLevel(usesPattern: false),
      ]
    }
  }
}

// MARK: - Written

extension ByteLevelSteps {
  /// - Parameter tokens: by id.
  init(_ rules: BPERules, _ template: TextTemplate, tokens: [String]) {
    if rules.composes { normalizer = Step(type: "NFC") }
    let steps = rules.preTokenizer.steps
    pre_tokenizer = steps.count == 1 ? steps[0] : Step(type: "Sequence", pretokenizers: steps)
    if !template.isEmpty { post_processor = Step(template, tokens: tokens) }
    decoder = .byteLevel()
  }
}

extension ByteLevelSteps.Step {
  fileprivate init(_ template: TextTemplate, tokens: [String]) {
    typealias Piece = ByteLevelSteps.Piece
    let around = { (name: String, type: Int) in
      let mark = { (id: Int32) in Piece(SpecialToken: .init(id: tokens[Int(id)], type_id: type)) }
      return template.before.map(mark) + [Piece(Sequence: .init(id: name, type_id: type))]
        + template.after.map(mark)
    }
    let marks = Set(template.before + template.after).map { id in
      (
        tokens[Int(id)],
        ByteLevelSteps.SpecialToken(id: tokens[Int(id)], ids: [id], tokens: [tokens[Int(id)]])
      )
    }
    type = "TemplateProcessing"
    single = around("A", 0)
    pair = around("A", 0) + around("B", 1)
    special_tokens = Dictionary(marks) { first, _ in first }
  }
}
