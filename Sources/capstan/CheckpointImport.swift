import ArgumentParser
import Interchange
import Support

struct CheckpointImport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Imports weights that another program wrote, as a model directory.",
    discussion: """
      INPUT is PyTorch's .pt or .bin, in the zip or the legacy form; a safetensors file; an index of shards of either; \
      or a Hugging Face directory with one of these. Nothing in it is executed. The weights may be under a key of a \
      training program's file, such as model, beside an optimizer's state, arguments and other objects, which are \
      passed over and named. Where a moving average is beside them, --weights takes it. Their names are ClipCap's or \
      those of a GPT-2, Llama, Qwen2 or Qwen3, with or without a prefix such as module., or those of model.clip_project.state_dict(); the masks of old \
      transformers and the tied head are left out. Both of ClipCap's layouts are known: train.py's, and predict.py's \
      single linear layer for long prefixes.

      The shapes tell the kind of the mapping network and all sizes of a GPT-2 but the numbers of heads; other language \
      models have a config.json beside them. What no file of ClipCap tells must be given: the vocabulary, and what made \
      the embeddings.

      The directory is what `capstan caption` and `capstan checkpoint export` take, and model.init_from of a \
      configuration. A language model without a mapping network becomes a directory that model.language_model.directory and \
      transformers take.

      Examples:
        capstan checkpoint import coco_weights.pt --tokenizer gpt2 \\
          --encoder ViT-B/32 --out models/coco
        capstan checkpoint import transformer_weights.pt --tokenizer gpt2 \\
          --encoder RN50x4 --normalize-prefix --out models/transformer
        capstan checkpoint import mapper.pt --language-model gpt2 \\
          --encoder ViT-B/32 --out models/frozen
        capstan checkpoint import gpt2.bin --tokenizer gpt2 --out models/gpt2
      """)

  @Argument(help: ArgumentHelp("The weights.", valueName: "input"), completion: .file())
  var input: String

  @Option(help: ArgumentHelp("The directory to write.", valueName: "directory"), completion: .directory)
  var out: String

  @Option(
    help: ArgumentHelp(
      "The key of the weights in the file, or what their names begin with, such as model_ema. (default: of the model's own)",
      valueName: "key"))
  var weights: String?

  @Option(
    help: ArgumentHelp(
      "The directory with vocab.json and merges.txt. (default: beside the weights)", valueName: "directory"),
    completion: .directory)
  var tokenizer: String?

  @Option(help: ArgumentHelp("What made the embeddings, such as ViT-B/32.", valueName: "name"))
  var encoder: String?

  @Flag(
    help:
      "The model was trained with ClipCap's --normalize_prefix, or on embeddings of unit length: each is divided by its length."
  )
  var normalizePrefix = false

  @Flag(help: "The model has learned to end captions with the end of text; ClipCap's end with a full stop.")
  var endToken = false

  @Option(
    help: ArgumentHelp(
      "A Hugging Face model, where the weights are a mapping network's alone.", valueName: "directory"),
    completion: .directory)
  var languageModel: String?

  @Option(
    help:
      "Attention heads of the GPT-2. (default: as config.json beside the weights says, or the published GPT-2's)"
  )
  var heads: Int?

  @Option(
    help: "Attention heads of a transformer that maps. (default: ClipCap's 8, before a published GPT-2)")
  var mapperHeads: Int?

  @Flag(help: "Print one JSON object.")
  var json = false

  @Flag(help: "Replaces the directory.")
  var force = false

  func run() throws {
    for (name, count) in [("heads", heads ?? 1), ("mapper-heads", mapperHeads ?? 1)] where count < 1 {
      throw Failure.usage("--\(name) is \(count), but must be at least 1; choose another number.")
    }
    try ModelFormat.model.requirePlace(out, replacing: force)
    var options = ImportOptions()
    options.weights = weights
    options.tokenizer = tokenizer
    options.encoder = encoder
    options.normalizesEmbeddings = normalizePrefix
    options.endToken = endToken
    options.languageModel = languageModel
    options.heads = heads
    options.mapperHeads = mapperHeads
    let model = try PortableModel(importing: input, options)
    try model.write(.model, to: out)
    let summary = ModelSummary(model)
    if json { return try printJSON(summary) }
    print("\(summary)\n\(advice(for: summary))")
  }

  private func advice(for summary: ModelSummary) -> String {
    summary.mapper == nil
      ? "written to \(out); train on it with --set model.language_model.directory=\(out)"
      : "written to \(out); caption with `capstan caption \(out) --store FILE --out captions.json`"
  }
}
